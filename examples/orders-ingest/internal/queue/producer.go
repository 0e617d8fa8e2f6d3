// Package queue puts order events on the orders queue, for the API and the replay tool.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"go.example.com/orders-ingest/internal/order"
)

// MaxBatch is the service's limit for one SendMessageBatch.
const MaxBatch = 10

const sendTimeout = 4 * time.Second

// Producer sends to one queue. It is safe for concurrent use.
type Producer struct {
	sqs *sqs.Client
	url string
}

// NewProducer returns a producer for the queue at url.
func NewProducer(client *sqs.Client, url string) *Producer {
	return &Producer{sqs: client, url: url}
}

// Send enqueues one event.
func (p *Producer) Send(ctx context.Context, event order.Event) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	body, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	_, err = p.sqs.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:    aws.String(p.url),
		MessageBody: aws.String(string(body)),
	})
	if err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	return nil
}

// SendBatch enqueues at most MaxBatch events and fails when the queue refuses any of them.
func (p *Producer) SendBatch(ctx context.Context, events []order.Event) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	entries := make([]types.SendMessageBatchRequestEntry, 0, len(events))
	for i, event := range events {
		body, err := json.Marshal(event)
		if err != nil {
			return fmt.Errorf("encode event: %w", err)
		}
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id:          aws.String(strconv.Itoa(i)),
			MessageBody: aws.String(string(body)),
		})
	}
	out, err := p.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(p.url), Entries: entries})
	if err != nil {
		return fmt.Errorf("send batch: %w", err)
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("send batch: %d of %d refused, first: %s", len(out.Failed), len(events), aws.ToString(out.Failed[0].Message))
	}
	return nil
}
