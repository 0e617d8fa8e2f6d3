// Package consumer moves scans from the queue to the store.
package consumer

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"go.example.com/parcel-scans/internal/config"
	"go.example.com/parcel-scans/internal/depot"
	"go.example.com/parcel-scans/internal/metrics"
	"go.example.com/parcel-scans/internal/sink"
)

const (
	receiveTimeout = 30 * time.Second
	deleteTimeout  = 5 * time.Second
	pauseBase      = 200 * time.Millisecond
	pauseMax       = 20 * time.Second
	maxScanBytes   = 1 << 20
	lastReceive    = 5
)

// Consumer polls the queue with a fixed number of workers.
type Consumer struct {
	queue      *sqs.Client
	url        string
	depots     *depot.Client
	writer     *sink.Writer
	workers    int
	messages   int32
	visibility time.Duration
	metrics    *metrics.Metrics
	log        *slog.Logger
}

// New wires a consumer; nothing is polled before Run.
func New(queue *sqs.Client, depots *depot.Client, writer *sink.Writer, cfg config.Config, m *metrics.Metrics, log *slog.Logger) *Consumer {
	return &Consumer{
		queue: queue, url: cfg.QueueURL, depots: depots, writer: writer,
		workers: cfg.ScanWorkers, messages: int32(cfg.PollMessages), visibility: cfg.VisibilityTimeout,
		metrics: m, log: log,
	}
}

// Run polls until ctx is done and returns when every worker has finished its last batch.
func (c *Consumer) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range c.workers {
		workers.Add(1)
		go func() {
			defer workers.Done()
			c.poll(ctx)
		}()
	}
	workers.Wait()
}

func (c *Consumer) poll(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		messages, err := c.receive(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			failures++
			c.metrics.PollErrors.Inc()
			c.log.Warn("receive failed", "failures", failures, "error", err)
			select {
			case <-time.After(pause(failures)):
			case <-ctx.Done():
				return
			}
			continue
		}
		failures = 0
		// A batch that was received is finished after the stop signal too; main bounds how long that may take.
		c.handle(context.WithoutCancel(ctx), messages)
	}
}

func (c *Consumer) receive(ctx context.Context) ([]types.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String(c.url),
		MaxNumberOfMessages: c.messages,
		WaitTimeSeconds:     20,
		VisibilityTimeout:   int32(c.visibility / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameSentTimestamp,
			types.MessageSystemAttributeNameApproximateReceiveCount,
		},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// pause doubles from 0.2 s to 20 s, with full jitter so that the workers do not move in step.
func pause(failures int) time.Duration {
	most := pauseMax
	if failures < 8 {
		most = min(pauseBase<<(failures-1), pauseMax)
	}
	return time.Duration(rand.Int64N(int64(most))) + 1
}

// handle stores one batch and then deletes it. What could not be stored comes back after the visibility timeout.
func (c *Consumer) handle(ctx context.Context, messages []types.Message) {
	if len(messages) == 0 {
		return
	}
	start := time.Now()
	c.metrics.InFlight.Add(float64(len(messages)))
	defer c.metrics.InFlight.Sub(float64(len(messages)))
	defer func() { c.metrics.HandleSeconds.Observe(time.Since(start).Seconds()) }()

	done := make([]types.Message, 0, len(messages))
	scans := make([]sink.Scan, 0, len(messages))
	for _, message := range messages {
		c.observe(message)
		scan, err := decode(aws.ToString(message.Body))
		if err != nil {
			// The queue's redrive policy sets a message aside that can never be read.
			c.metrics.Messages.WithLabelValues(metrics.Rejected).Inc()
			continue
		}
		scans = append(scans, scan)
		done = append(done, message)
	}
	if err := c.store(ctx, scans); err != nil {
		c.metrics.Messages.WithLabelValues(metrics.Failed).Add(float64(len(scans)))
		c.log.Error("batch failed, left for redelivery", "messages", len(scans), "error", err)
		return
	}
	c.metrics.Messages.WithLabelValues(metrics.Stored).Add(float64(len(done)))
	c.remove(ctx, done)
}

// observe notes how old a message is, and when it is about to be set aside.
func (c *Consumer) observe(message types.Message) {
	if sent, err := strconv.ParseInt(message.Attributes["SentTimestamp"], 10, 64); err == nil {
		c.metrics.MessageAge.Observe(time.Since(time.UnixMilli(sent)).Seconds())
	}
	if count, err := strconv.Atoi(message.Attributes["ApproximateReceiveCount"]); err == nil && count >= lastReceive {
		c.metrics.Exhausted.Inc()
	}
}

func (c *Consumer) store(ctx context.Context, scans []sink.Scan) error {
	if len(scans) == 0 {
		return nil
	}
	codes := make([]string, 0, len(scans))
	for i := range scans {
		codes = append(codes, scans[i].Depot)
	}
	names, err := c.depots.Names(ctx, codes)
	if err != nil {
		return fmt.Errorf("depots: %w", err)
	}
	for i := range scans {
		scans[i].DepotName = names[scans[i].Depot]
	}
	return c.writer.Write(ctx, scans)
}

func (c *Consumer) remove(ctx context.Context, messages []types.Message) {
	if len(messages) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(messages))
	for i, message := range messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle,
		})
	}
	out, err := c.queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(c.url), Entries: entries})
	if err != nil {
		c.metrics.AckErrors.Inc()
		c.log.Warn("delete failed, the batch comes back", "messages", len(messages), "error", err)
		return
	}
	if len(out.Failed) > 0 {
		c.metrics.AckErrors.Add(float64(len(out.Failed)))
	}
}

// decode unpacks one scan; a body that unpacks to more than a megabyte is none.
func decode(body string) (sink.Scan, error) {
	var scan sink.Scan
	packed, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return scan, fmt.Errorf("base64: %w", err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return scan, fmt.Errorf("gzip: %w", err)
	}
	defer unpacked.Close()
	if err := json.NewDecoder(io.LimitReader(unpacked, maxScanBytes)).Decode(&scan); err != nil {
		return scan, fmt.Errorf("json: %w", err)
	}
	return scan, nil
}
