// A publish looks at its context once, before it starts. A silent broker is noticed after three heartbeats; one that blocks
// publishers and still sends heartbeats is not, and no deadline ends the publish.
package main

import (
	"context"
	"net/http"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type outbox struct{ channel *amqp.Channel }

func (o *outbox) handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	o.channel.PublishWithContext(ctx, "orders", "", false, false, amqp.Publishing{}) // want: rabbitmq CONCERN timeout_s=15 bounded=false
}

func main() {
	conn, _ := amqp.Dial("amqp://broker")
	channel, _ := conn.Channel()
	http.HandleFunc("/orders", (&outbox{channel: channel}).handle)
	http.ListenAndServe(":8080", nil)
}
