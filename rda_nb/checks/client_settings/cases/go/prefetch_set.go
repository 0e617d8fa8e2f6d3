package main

import (
	"log"

	amqp "github.com/rabbitmq/amqp091-go"
)

func open(conn *amqp.Connection) (*amqp.Channel, error) {
	channel, err := conn.Channel()
	if err != nil {
		return nil, err
	}
	return channel, channel.Qos(20, 0, false) // want: prefetch GOOD value=20
}

func main() {
	conn, err := amqp.Dial("amqp://queue:5672")
	if err != nil {
		log.Fatal(err)
	}
	channel, err := open(conn)
	if err != nil {
		log.Fatal(err)
	}
	messages, err := channel.Consume("mail", "", false, false, false, false, nil) // fine: at most 20 wait here
	if err != nil {
		log.Fatal(err)
	}
	for message := range messages {
		log.Println(len(message.Body))
		message.Ack(false)
	}
}
