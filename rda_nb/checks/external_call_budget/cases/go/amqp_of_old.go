package main

import (
	"net/http"
	"time"

	"github.com/streadway/amqp"
)

type outbox struct{ conn *amqp.Connection }

func (o *outbox) handle(w http.ResponseWriter, r *http.Request) {
	// Its own three heartbeats are whole ones; this connection has asked for 20 s.
	channel, err := o.conn.Channel() // want: rabbitmq GOOD timeout_s=60
	if err != nil {
		return
	}
	defer channel.Close() // ok: rabbitmq
}

func main() {
	conn, _ := amqp.DialConfig("amqp://broker", amqp.Config{Heartbeat: 20 * time.Second, Dial: amqp.DefaultDial(5 * time.Second)}) // want: rabbitmq GOOD worst_case=10
	http.HandleFunc("/orders", (&outbox{conn}).handle)
	http.ListenAndServe(":8080", nil)
}
