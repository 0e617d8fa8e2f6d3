package main

import (
	"net/http"

	amqp "github.com/rabbitmq/amqp091-go"
)

type outbox struct{ conn *amqp.Connection }

func (o *outbox) handle(w http.ResponseWriter, r *http.Request) {
	// A server that is silent for three halves of the heartbeat of 10 s: the connection ends, and with it every call.
	channel, err := o.conn.Channel() // want: rabbitmq GOOD timeout_s=15
	if err != nil {
		return
	}
	defer channel.Close() // ok: rabbitmq
	channel.QueueDeclare("orders", true, false, false, false, nil) // ok: rabbitmq
}

func main() {
	// The dial has 30 s, and when it has ended the handshakes have 30 s of their own.
	conn, _ := amqp.Dial("amqp://broker") // want: rabbitmq GOOD timeout_s=30 worst_case=60
	http.HandleFunc("/orders", (&outbox{conn}).handle)
	http.ListenAndServe(":8080", nil)
}
