package main

import (
	"net/http"

	amqp "github.com/rabbitmq/amqp091-go"
)

type outbox struct{ conn *amqp.Connection }

func (o *outbox) handle(w http.ResponseWriter, r *http.Request) {
	// A silent server misses three heartbeats of 10 s: the connection ends, and with it every call.
	channel, err := o.conn.Channel() // want: rabbitmq GOOD timeout_s=30
	if err != nil {
		return
	}
	defer channel.Close() // ok: rabbitmq
	channel.QueueDeclare("orders", true, false, false, false, nil) // ok: rabbitmq
}

func main() {
	conn, _ := amqp.Dial("amqp://broker")
	http.HandleFunc("/orders", (&outbox{conn}).handle)
	http.ListenAndServe(":8080", nil)
}
