package main

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const writeWait = 2 * time.Second

var upgrader websocket.Upgrader

// Each write has its own deadline; what is read waits for as long as the peer says nothing.
func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, message, err := conn.ReadMessage() // want: other CONCERN bounded=false
		if err != nil {
			return
		}
		if err := conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
			return
		}
		if err := conn.WriteMessage(kind, message); err != nil { // want: other GOOD timeout_s=2 worst_case=2
			return
		}
	}
}

// The dialer's limit is over all of the handshake.
func follow(w http.ResponseWriter, r *http.Request) {
	dialer := websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	conn, _, err := dialer.Dial("ws://feed/", nil) // want: other GOOD timeout_s=5
	if err == nil {
		conn.Close()
	}
}

func main() {
	http.HandleFunc("/ws", serve)
	http.HandleFunc("/follow", follow)
	http.ListenAndServe(":8080", nil)
}
