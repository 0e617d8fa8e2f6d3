package main

import (
	"context"
	"sync"
	"time"

	"github.com/rabbitmq/amqp091-go"
	"github.com/segmentio/kafka-go"
)

const most = 100

type bridge struct {
	mu     sync.Mutex
	held   [][]byte
	asked  [][]byte
	told   [][]byte
	writer *kafka.Writer
}

// It adds whatever there is already.
func (b *bridge) keep(body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = append(b.held, body) // want: queue_bound CONCERN bounded=false
}

// It sends what is held when it is asked, which is once in two seconds.
func (b *bridge) pass() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.held) >= most { // want: batch_size GOOD value=100
		messages := b.held
		b.held = nil
		go b.publish(messages)
	}
}

func (b *bridge) run() {
	for {
		b.pass()
		time.Sleep(2 * time.Second)
	}
}

// Here what adds has the length looked at.
func (b *bridge) keepAsked(body []byte) {
	b.asked = append(b.asked, body)
	b.sendAsked()
}

func (b *bridge) sendAsked() {
	if len(b.asked) >= most { // want: batch_size GOOD value=100 bounded=true
		b.publish(b.asked)
		b.asked = nil
	}
}

// Here the caller of what adds does; a ticker sends what is left.
func (b *bridge) add(body []byte) { b.told = append(b.told, body) }

func (b *bridge) keepTold(body []byte) {
	b.add(body)
	b.sendTold()
}

func (b *bridge) sendTold() {
	if len(b.told) >= most { // want: batch_size GOOD value=100 bounded=true
		b.publish(b.told)
		b.told = nil
	}
}

func (b *bridge) ticks() {
	ticker := time.NewTicker(time.Second)
	for range ticker.C {
		b.sendTold()
		b.sendAsked()
	}
}

func (b *bridge) publish(messages [][]byte) {
	for _, one := range messages {
		b.writer.WriteMessages(context.Background(), kafka.Message{Value: one})
	}
}

func main() {
	b := &bridge{writer: &kafka.Writer{}}
	go b.run()
	go b.ticks()
	connection, _ := amqp091.Dial("amqp://queue")
	channel, _ := connection.Channel()
	messages, _ := channel.Consume("orders", "", false, false, false, false, nil)
	for message := range messages {
		b.keep(message.Body)
		b.keepAsked(message.Body)
		b.keepTold(message.Body)
		message.Ack(false)
	}
}
