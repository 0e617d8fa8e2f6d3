package main

import (
	"log"
	"net/http"

	amqp "github.com/rabbitmq/amqp091-go"
)

type route struct{ Queue, Exchange string }

type relay struct {
	channel *amqp.Channel
	routes  []route
}

// What the configuration names is declared once each, whoever asks for it.
func (s *relay) declare(w http.ResponseWriter, r *http.Request) {
	for _, route := range s.routes {
		s.channel.ExchangeDeclare(route.Exchange, "topic", true, false, false, false, nil) // fine: it says which queues there are
		s.channel.QueueDeclare(route.Queue, true, false, false, false, nil)
		s.channel.QueueBind(route.Queue, "#", route.Exchange, false, nil)
	}
}

func (s *relay) spread(w http.ResponseWriter, r *http.Request) {
	for _, route := range s.routes {
		s.channel.Publish(route.Exchange, "", false, false, amqp.Publishing{}) // want: n_plus_one CONCERN
	}
}

func main() {
	conn, err := amqp.Dial("amqp://queue:5672")
	if err != nil {
		log.Fatal(err)
	}
	channel, err := conn.Channel()
	if err != nil {
		log.Fatal(err)
	}
	s := &relay{channel: channel, routes: []route{{"in", "all"}}}
	http.HandleFunc("/declare", s.declare)
	http.HandleFunc("/spread", s.spread)
	http.ListenAndServe(":8080", nil)
}
