package main

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// The deadline of a connection is set where it is made, far from where it is read.
type session struct {
	conn *websocket.Conn
	wait time.Duration
}

func upgrade(w http.ResponseWriter, r *http.Request, wait time.Duration) (*session, error) {
	var upgrader websocket.Upgrader
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(wait))
	conn.SetPongHandler(func(string) error { return conn.SetReadDeadline(time.Now().Add(wait)) })
	return &session{conn: conn, wait: wait}, nil
}

func main() {
	http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		s, err := upgrade(w, r, 30*time.Second)
		if err == nil {
			s.serve()
		}
	})
	_ = http.ListenAndServe(":8080", nil)
}

func (s *session) serve() {
	for {
		_, message, err := s.conn.ReadMessage() // want: other GOOD worst_case_s=30
		if err != nil {
			return
		}
		_ = s.conn.WriteMessage(websocket.TextMessage, message) // want: other CONCERN bounded=false
	}
}
