// A proxy below the driver's own calls waits for a server, for a connection of it, and for the wire.
package main

import (
	"context"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/mongo/description"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"
)

type proxy struct{ topology *topology.Topology }

func (p *proxy) handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 6*time.Second)
	defer cancel()
	server, err := p.topology.SelectServer(context.Background(), description.WriteSelector()) // want: mongodb GOOD worst_case_s=30
	if err != nil {
		return
	}
	conn, err := server.Connection(ctx) // want: mongodb GOOD worst_case_s=6
	if err != nil {
		return
	}
	conn.WriteWireMessage(ctx, nil)                     // want: mongodb GOOD worst_case_s=6
	answer, _ := conn.ReadWireMessage(context.Background()) // want: mongodb RISK bounded=false
	w.Write(answer)
}

func main() {
	made, _ := topology.New(nil)
	p := &proxy{topology: made}
	http.HandleFunc("/", p.handle)
	http.ListenAndServe(":8080", nil)
}
