package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/signal"

	"github.com/gorilla/websocket"
)

type relay struct{ conn *websocket.Conn }

// The resolver has limits of its own, which stand in a file of the host.
func (r *relay) handle(w http.ResponseWriter, q *http.Request) {
	net.LookupCNAME(q.Host)                        // want: other GAP
	r.conn.WriteMessage(websocket.TextMessage, nil) // want: other CONCERN bounded=false
}

// What a process does once, when it ends, holds no request: a signal is no message.
func main() {
	server := &http.Server{Addr: ":8080", Handler: http.HandlerFunc((&relay{}).handle)}
	go server.ListenAndServe()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	for range signals {
		server.Shutdown(context.Background()) // want: http CONCERN bounded=false
	}
}
