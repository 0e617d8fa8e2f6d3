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

type consumer struct {
	queue *sqs.Client
	url   string
	db    *sql.DB
}

func main() {
	c := &consumer{}
	for {
		out, err := c.queue.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(c.url), WaitTimeSeconds: 20})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, m := range out.Messages {
			_ = c.hasty(m)
			_ = c.literal(m)
			_ = c.decided(m)
			_ = c.aside(m)
			_ = c.late(m)
		}
	}
}

func (c *consumer) remove(m types.Message) {
	if _, err := c.queue.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: aws.String(c.url), ReceiptHandle: m.ReceiptHandle}); err != nil {
		slog.Error("delete", "error", err)
	}
}

func (c *consumer) write(m types.Message) error {
	_, err := c.db.Exec("INSERT INTO orders VALUES ($1)", aws.ToString(m.Body))
	return err
}

func (c *consumer) hasty(m types.Message) error {
	defer c.remove(m) // want: queue_consumer RISK
	if err := c.write(m); err != nil {
		return err
	}
	return nil
}

func (c *consumer) literal(m types.Message) error {
	defer func() { // want: queue_consumer RISK
		_, _ = c.queue.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: aws.String(c.url), ReceiptHandle: m.ReceiptHandle})
	}()
	return c.write(m)
}

// The deferred code looks at the error first.
func (c *consumer) decided(m types.Message) (err error) {
	defer func() {
		if err == nil {
			_, _ = c.queue.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: aws.String(c.url), ReceiptHandle: m.ReceiptHandle})
		}
	}()
	return c.write(m)
}

// What cannot be written is sent to another queue.
func (c *consumer) aside(m types.Message) error {
	defer c.remove(m)
	if err := c.write(m); err != nil {
		_, err = c.queue.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: aws.String("dlq"), MessageBody: m.Body})
		return err
	}
	return nil
}

// Deferred once the write is done.
func (c *consumer) late(m types.Message) error {
	if err := c.write(m); err != nil {
		return err
	}
	defer c.remove(m)
	return nil
}
