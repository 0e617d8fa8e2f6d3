package main

import (
	"log"
	"net/http"
	"os"

	amqp "github.com/rabbitmq/amqp091-go"
)

type bridge struct {
	channel *amqp.Channel
	queues  []string
}

// One consumer for each queue that the configuration names; each works on its messages one after the other.
func (b *bridge) start() error {
	for _, queue := range b.queues {
		messages, err := b.channel.Consume(queue, "", false, false, false, false, nil)
		if err != nil {
			return err
		}
		go b.consume(messages) // want: concurrency GOOD
	}
	return nil
}

func (b *bridge) consume(messages <-chan amqp.Delivery) {
	for message := range messages {
		http.Get("http://sink/" + string(message.Body))
		message.Ack(false)
	}
}

// Each of the messages starts one: nothing holds them back.
func (b *bridge) all() {
	messages, err := b.channel.Consume("all", "", false, false, false, false, nil)
	if err != nil {
		log.Fatal(err)
	}
	for message := range messages {
		go b.deliver(message) // want: fanout RISK
	}
}

func (b *bridge) deliver(message amqp.Delivery) {
	http.Get("http://sink/" + string(message.Body))
	message.Ack(false)
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
	b := &bridge{channel: channel, queues: os.Args[1:]}
	if err := b.start(); err != nil {
		log.Fatal(err)
	}
	b.all()
}
