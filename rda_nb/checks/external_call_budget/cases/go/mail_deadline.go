// A deadline on the connection ends every command that a mail client sends on it.
package main

import (
	"net"
	"net/http"
	"net/smtp"
	"time"
)

func send(to string) error {
	conn, err := net.DialTimeout("tcp", "mail:25", 5*time.Second) // want: other GOOD timeout_s=5
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	client, err := smtp.NewClient(conn, "mail") // want: other GOOD worst_case=20
	if err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil { // want: other GOOD timeout_s=20
		return err
	}
	return client.Quit() // want: other GOOD timeout_s=20
}

func main() {
	http.HandleFunc("/mail", func(w http.ResponseWriter, r *http.Request) { send("one@example.com") })
	http.ListenAndServe(":8080", nil)
}
