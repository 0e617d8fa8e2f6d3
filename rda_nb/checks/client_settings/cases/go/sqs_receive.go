package main

import (
	"context"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type reader struct {
	client *sqs.Client
	url    string
	size   int32
}

func newReader(client *sqs.Client) *reader {
	size, err := strconv.Atoi(os.Getenv("RECEIVE_SIZE"))
	if err != nil {
		size = 10
	}
	return &reader{client: client, size: int32(size)}
}

// Nothing is set: one message, no wait, and the queue's own visibility timeout.
func (r *reader) bare(ctx context.Context) {
	for ctx.Err() == nil {
		in := &sqs.ReceiveMessageInput{QueueUrl: &r.url}
		_, err := r.client.ReceiveMessage(ctx, in) // want: batch_size CONCERN value=1 // want: poll_interval CONCERN value=0 // want: visibility_timeout GAP value=30
		if err != nil {
			return
		}
	}
}

func (r *reader) set(ctx context.Context) {
	for ctx.Err() == nil {
		in := &sqs.ReceiveMessageInput{
			QueueUrl:            &r.url,
			MaxNumberOfMessages: r.size, // want: batch_size GOOD value=10
			WaitTimeSeconds:     20,     // want: poll_interval GOOD value=20
		}
		in.VisibilityTimeout = 120 // want: visibility_timeout GOOD value=120
		if _, err := r.client.ReceiveMessage(ctx, in); err != nil {
			return
		}
	}
}

func (r *reader) wasteful(ctx context.Context) {
	for ctx.Err() == nil {
		_, err := r.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(r.url),
			MaxNumberOfMessages: 1, // want: batch_size CONCERN value=1
			WaitTimeSeconds:     0, // want: poll_interval CONCERN value=0
			VisibilityTimeout:   30,
		})
		if err != nil {
			return
		}
	}
}

func main() {
	r := newReader(&sqs.Client{})
	go r.bare(context.Background())
	go r.set(context.Background())
	r.wasteful(context.Background())
}
