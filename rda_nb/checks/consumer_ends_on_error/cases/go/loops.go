package main

import (
	"context"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"
)

type consumer struct {
	queue *sqs.Client
	work  func(context.Context)
}

func (c *consumer) fragile(ctx context.Context) {
	for {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			log.Printf("receive: %v", err)
			return // want: queue_consumer RISK
		}
		for range out.Messages {
			c.work(ctx)
		}
	}
}

// The receive stands in a helper of its own.
func (c *consumer) next(ctx context.Context) (*sqs.ReceiveMessageOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
}

func (c *consumer) helped(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := c.next(ctx)
		if err != nil {
			return // want: queue_consumer RISK
		}
		for range out.Messages {
			c.work(ctx)
		}
	}
}

// ok: queue_consumer: it waits and tries again, and ends with its context alone.
func (c *consumer) patient(ctx context.Context) {
	for {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			time.Sleep(time.Second)
			continue
		}
		for range out.Messages {
			c.work(ctx)
		}
	}
}

// ok: queue_consumer: the error ends the group and with it the process.
func (c *consumer) loud(ctx context.Context) error {
	for {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			return err
		}
		for range out.Messages {
			c.work(ctx)
		}
	}
}

func main() {
	c := &consumer{queue: sqs.New(sqs.Options{}), work: func(context.Context) {}}
	ctx := context.Background()
	go c.fragile(ctx)
	go c.helped(ctx)
	go c.patient(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.loud(ctx) })
	if err := group.Wait(); err != nil {
		log.Fatal(err)
	}
}
