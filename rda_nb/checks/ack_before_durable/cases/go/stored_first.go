package main

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A writer that others hand rows to over its channel.
type writer struct {
	db *sql.DB
	in chan job
}

type job struct {
	body string
	done chan error
}

func (w *writer) run() {
	for one := range w.in {
		_, err := w.db.Exec("INSERT INTO orders VALUES ($1)", one.body)
		if one.done != nil {
			one.done <- err
		}
	}
}

// The caller hears of it.
func (w *writer) store(body string) error {
	one := job{body: body, done: make(chan error, 1)}
	w.in <- one
	return <-one.done
}

type consumer struct {
	queue *sqs.Client
	url   string
	out   *writer
}

func main() {
	w := &writer{in: make(chan job, 100)}
	go w.run()
	c := &consumer{out: w}
	c.fine()
}

func (c *consumer) receive() ([]types.Message, error) {
	out, err := c.queue.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(c.url), WaitTimeSeconds: 20})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

func (c *consumer) remove(m types.Message) {
	if _, err := c.queue.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: aws.String(c.url), ReceiptHandle: m.ReceiptHandle}); err != nil {
		slog.Error("delete", "error", err)
	}
}

func (c *consumer) fine() {
	for {
		messages, err := c.receive()
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, m := range messages {
			if err := c.out.store(aws.ToString(m.Body)); err != nil {
				continue
			}
			c.remove(m)
		}
	}
}
