package main

import (
	"net"
	"net/http"
	"time"
)

// Dialled and written until it has gone well: a label makes no difference.
func labelled(w http.ResponseWriter, r *http.Request) {
	stop := make(chan bool)
Send:
	for {
		select {
		case <-stop:
			break Send
		default:
		}
		conn, err := net.DialTimeout("tcp", "store:80", 5*time.Second) // want: other CONCERN bounded=false
		if err != nil {
			time.Sleep(time.Second)
			continue Send
		}
		conn.Close()
		break Send
	}
}

func plain(w http.ResponseWriter, r *http.Request) {
	for {
		conn, err := net.DialTimeout("tcp", "store:80", 5*time.Second) // want: other CONCERN bounded=false
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		conn.Close()
		return
	}
}

// fine: the failure goes on with the next address, one try for each.
func next(w http.ResponseWriter, r *http.Request) {
Hosts:
	for _, host := range r.Header.Values("Host") {
		for {
			conn, err := net.DialTimeout("tcp", host, 5*time.Second) // want: other GOOD bounded=true
			if err != nil {
				time.Sleep(time.Second)
				continue Hosts
			}
			conn.Close()
			break
		}
	}
}

func main() {
	http.HandleFunc("/labelled", labelled)
	http.HandleFunc("/plain", plain)
	http.HandleFunc("/next", next)
	http.ListenAndServe(":8080", nil)
}
