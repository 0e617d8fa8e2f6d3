// Package worker moves events from the queues to the stores.
package worker

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"go.example.com/orders-ingest/internal/config"
	"go.example.com/orders-ingest/internal/metrics"
)

const (
	ordersQueue = "orders"

	pollPauseBase = 500 * time.Millisecond
	pollPauseMax  = 30 * time.Second
	deleteTimeout = 5 * time.Second
)

// queueAPI is the part of the SQS client that the consumer needs; the test has its own.
type queueAPI interface {
	ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// Consumer polls the orders queue and feeds a fixed number of workers through a short channel.
type Consumer struct {
	sqs         queueAPI
	url         string
	processor   *Processor
	concurrency int
	depth       int
	batchSize   int
	wait        time.Duration
	visibility  time.Duration
	metrics     *metrics.Metrics
	log         *slog.Logger
}

// NewConsumer wires a consumer; nothing is polled before Run.
func NewConsumer(client queueAPI, cfg config.Config, p *Processor, m *metrics.Metrics, log *slog.Logger) *Consumer {
	return &Consumer{
		sqs:         client,
		url:         cfg.OrdersQueueURL,
		processor:   p,
		concurrency: cfg.WorkerConcurrency,
		depth:       cfg.QueueDepth,
		batchSize:   cfg.PollBatchSize,
		wait:        cfg.PollWait,
		visibility:  cfg.VisibilityTimeout,
		metrics:     m,
		log:         log.With("queue", ordersQueue),
	}
}

// Run polls until ctx is done and returns when the last received batch is with the sink.
func (c *Consumer) Run(ctx context.Context) error {
	batches := make(chan []types.Message, c.depth)
	// What was received is finished after the signal too; main bounds how long that may take.
	workCtx := context.WithoutCancel(ctx)

	var workers sync.WaitGroup
	for range c.concurrency {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for messages := range batches {
				c.handle(workCtx, messages)
			}
		}()
	}

	c.poll(ctx, batches)
	close(batches)
	workers.Wait()
	return nil
}

func (c *Consumer) poll(ctx context.Context, batches chan<- []types.Message) {
	failures := 0
	for ctx.Err() == nil {
		out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(c.url),
			MaxNumberOfMessages: int32(c.batchSize),
			WaitTimeSeconds:     int32(c.wait / time.Second),
			VisibilityTimeout:   int32(c.visibility / time.Second),
		})
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			failures++
			c.metrics.PollErrors.WithLabelValues(ordersQueue).Inc()
			c.log.Warn("receive failed", "failures", failures, "error", err)
			select {
			case <-time.After(pollPause(failures)):
			case <-ctx.Done():
				return
			}
			continue
		}
		failures = 0
		if len(out.Messages) == 0 {
			continue
		}
		select {
		case batches <- out.Messages:
		case <-ctx.Done():
			return
		}
	}
}

// pollPause doubles from half a second to half a minute, with full jitter so that the pods do not move in step.
func pollPause(failures int) time.Duration {
	pause := pollPauseMax
	if failures < 7 {
		pause = min(pollPauseBase<<(failures-1), pollPauseMax)
	}
	return time.Duration(rand.Int64N(int64(pause))) + 1
}

func (c *Consumer) handle(ctx context.Context, messages []types.Message) {
	c.metrics.InFlight.Add(float64(len(messages)))
	defer c.metrics.InFlight.Sub(float64(len(messages)))

	err := c.processor.Process(ctx, messages, func(done []types.Message) { c.delete(ctx, done) })
	if err != nil {
		c.log.Error("batch failed, left for redelivery", "messages", len(messages), "error", err)
		c.metrics.Messages.WithLabelValues(ordersQueue, metrics.OutcomeFailed).Add(float64(len(messages)))
	}
}

// delete acknowledges messages. A failure costs a redelivery, which the version check turns into a duplicate.
func (c *Consumer) delete(ctx context.Context, messages []types.Message) {
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	out, err := c.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{
		QueueUrl: aws.String(c.url),
		Entries:  deleteEntries(messages),
	})
	if err != nil {
		c.metrics.AckFailures.Inc()
		c.log.Warn("delete failed", "messages", len(messages), "error", err)
		return
	}
	if len(out.Failed) > 0 {
		c.metrics.AckFailures.Inc()
		c.log.Warn("delete refused", "messages", len(out.Failed), "first", aws.ToString(out.Failed[0].Message))
	}
}

func deleteEntries(messages []types.Message) []types.DeleteMessageBatchRequestEntry {
	entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(messages))
	for i, m := range messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{
			Id:            aws.String(strconv.Itoa(i)),
			ReceiptHandle: m.ReceiptHandle,
		})
	}
	return entries
}
