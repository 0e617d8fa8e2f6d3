// A write deadline that is set anew before each write is the bound of the write, in a closure too.
package main

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const writeWait = 2 * time.Second

var upgrader = websocket.Upgrader{}

func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	var lock sync.Mutex
	send := func(message any) error {
		lock.Lock()
		defer lock.Unlock()
		if err := conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
			return err
		}
		return conn.WriteJSON(message) // want: other GOOD timeout_s=2 worst_case_s=2
	}
	for range time.Tick(time.Second) {
		if send("tick") != nil {
			return
		}
	}
}

func main() {
	http.HandleFunc("/stream", serve)
	http.ListenAndServe(":8080", nil)
}
