package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"go.example.com/orders-ingest/internal/config"
	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/order"
	"go.example.com/orders-ingest/internal/sink"
)

const (
	refundsQueue = "refunds"

	// One line in so many refunds is enough to see that the queue moves.
	refundLogEvery = 500
)

// Refunds copies the refunds queue to ClickHouse, one poll at a time.
type Refunds struct {
	sqs        *sqs.Client
	url        string
	wait       time.Duration
	visibility time.Duration
	sink       *sink.Refunds
	metrics    *metrics.Metrics
	log        *slog.Logger
	seen       int
}

// NewRefunds wires the refunds poller.
func NewRefunds(client *sqs.Client, cfg config.Config, s *sink.Refunds, m *metrics.Metrics, log *slog.Logger) *Refunds {
	return &Refunds{
		sqs:        client,
		url:        cfg.RefundsQueueURL,
		wait:       cfg.PollWait,
		visibility: cfg.RefundsVisibilityTimeout,
		sink:       s,
		metrics:    m,
		log:        log.With("queue", refundsQueue),
	}
}

// Run polls until ctx is done.
func (r *Refunds) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		out, err := r.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(r.url),
			MaxNumberOfMessages: 10,
			WaitTimeSeconds:     int32(r.wait / time.Second),
			VisibilityTimeout:   int32(r.visibility / time.Second),
		})
		if err != nil {
			r.metrics.PollErrors.WithLabelValues(refundsQueue).Inc()
			r.log.Warn("receive failed", "error", err)
			continue
		}
		if len(out.Messages) > 0 {
			r.handle(context.WithoutCancel(ctx), out.Messages)
		}
	}
	return nil
}

func (r *Refunds) handle(ctx context.Context, messages []types.Message) {
	refunds := make([]order.Refund, 0, len(messages))
	for _, m := range messages {
		refund, err := order.DecodeRefund([]byte(aws.ToString(m.Body)))
		if err != nil {
			r.metrics.Messages.WithLabelValues(refundsQueue, metrics.OutcomeInvalid).Inc()
			r.log.Warn("refund rejected", "message_id", aws.ToString(m.MessageId), "error", err)
			continue
		}
		r.seen++
		if r.seen%refundLogEvery == 0 {
			r.log.Info("refund received", "order_id", refund.OrderID, "seen", r.seen)
		}
		refunds = append(refunds, refund)
	}

	if err := r.delete(ctx, messages); err != nil {
		r.log.Warn("delete failed, the refunds will come again", "error", err)
		return
	}
	if err := r.sink.Insert(ctx, refunds); err != nil {
		r.log.Error("refunds not stored", "refunds", len(refunds), "error", err)
		r.metrics.Messages.WithLabelValues(refundsQueue, metrics.OutcomeFailed).Add(float64(len(refunds)))
		return
	}
	r.metrics.Messages.WithLabelValues(refundsQueue, metrics.OutcomeStored).Add(float64(len(refunds)))
}

func (r *Refunds) delete(ctx context.Context, messages []types.Message) error {
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	_, err := r.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{
		QueueUrl: aws.String(r.url),
		Entries:  deleteEntries(messages),
	})
	return err
}
