package main

import (
	"net/http"

	"github.com/gorilla/websocket"
)

var upgrader websocket.Upgrader

// A client that stops reading holds its own handler; others go on.
func progress(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for _, step := range []string{"queued", "done"} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(step)); err != nil { // want: other CONCERN bounded=false consequence=unpredictability
			return
		}
	}
}

func main() {
	http.HandleFunc("/progress", progress)
	http.ListenAndServe(":8080", nil)
}
