// Each command of a mail client waits for the server's answer, the greeting first; nothing ends the wait.
package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/smtp"
	"time"
)

func send(to string, body []byte) error {
	conn, err := net.DialTimeout("tcp", "mail:25", 5*time.Second) // want: other GOOD timeout_s=5
	if err != nil {
		return err
	}
	client, err := smtp.NewClient(conn, "mail") // want: other RISK bounded=false
	if err != nil {
		return err
	}
	defer client.Close()
	if ok, _ := client.Extension("STARTTLS"); ok { // want: other RISK bounded=false
		if err := client.StartTLS(&tls.Config{ServerName: "mail"}); err != nil { // want: other RISK bounded=false
			return err
		}
	}
	if err := client.Mail("shop@example.com"); err != nil { // want: other RISK bounded=false
		return err
	}
	if err := client.Rcpt(to); err != nil { // want: other RISK bounded=false
		return err
	}
	message, err := client.Data() // want: other RISK bounded=false
	if err != nil {
		return err
	}
	message.Write(body)
	message.Close()
	return client.Quit() // want: other RISK bounded=false
}

func main() {
	http.HandleFunc("/mail", func(w http.ResponseWriter, r *http.Request) {
		send("one@example.com", []byte("hello"))
	})
	http.ListenAndServe(":8080", nil)
}
