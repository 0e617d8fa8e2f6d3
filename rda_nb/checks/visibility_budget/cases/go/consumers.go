package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type slow struct {
	queue  *sqs.Client
	client *http.Client
	url    string
}

func (c *slow) run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{ // want: visibility_timeout RISK value=30
			QueueUrl:            &c.url,
			MaxNumberOfMessages: 10,
			WaitTimeSeconds:     20,
			VisibilityTimeout:   30,
		})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, message := range out.Messages {
			c.notify(ctx, message)
		}
	}
}

func (c *slow) notify(ctx context.Context, message types.Message) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://mail.internal/send", nil)
	c.client.Do(request)
}

type quick struct {
	queue  *sqs.Client
	client *http.Client
	url    string
}

// ok: visibility_timeout: ten messages of five seconds fit into two minutes.
func (c *quick) run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &c.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20, VisibilityTimeout: 120,
		})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for range out.Messages {
			c.ask(ctx)
		}
	}
}

func (c *quick) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://mail.internal/status", nil)
	c.client.Do(request)
}

func main() {
	client := &http.Client{Timeout: 10 * time.Second}
	queue := sqs.New(sqs.Options{})
	go (&slow{queue: queue, client: client}).run(context.Background())
	(&quick{queue: queue, client: client}).run(context.Background())
}
