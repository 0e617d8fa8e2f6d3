package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"go.example.com/orders-ingest/internal/enrich"
	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/order"
	"go.example.com/orders-ingest/internal/sink"
	"go.example.com/orders-ingest/internal/store"
)

type versionStore interface {
	LastVersions(ctx context.Context, keys []store.Key) (map[store.Key]int64, error)
	PutMany(ctx context.Context, states []store.State) error
}

type priceSource interface {
	ListPrice(ctx context.Context, sku, currency string, on time.Time) (int64, error)
}

type rowSink interface {
	Submit(ctx context.Context, s sink.Submission) error
}

// Processor turns one batch of messages into rows, and acknowledges them once the rows are stored.
type Processor struct {
	states  versionStore
	prices  priceSource
	rows    rowSink
	metrics *metrics.Metrics
	log     *slog.Logger
}

// NewProcessor wires a processor; it keeps no state of its own and serves all workers.
func NewProcessor(states versionStore, prices priceSource, rows rowSink, m *metrics.Metrics, log *slog.Logger) *Processor {
	return &Processor{states: states, prices: prices, rows: rows, metrics: m, log: log}
}

// Process submits the new events among messages. ack is called with what may be deleted, later, from the sink.
func (p *Processor) Process(ctx context.Context, messages []types.Message, ack func([]types.Message)) error {
	events, sources := p.decode(messages)
	if len(events) == 0 {
		return nil
	}
	keys := make([]store.Key, 0, len(events))
	for _, event := range events {
		keys = append(keys, store.Key{TenantID: event.TenantID, OrderID: event.OrderID})
	}
	versions, err := p.states.LastVersions(ctx, keys)
	if err != nil {
		return fmt.Errorf("last versions: %w", err)
	}

	rows := make([]order.Row, 0, 4*len(events))
	states := make([]store.State, 0, len(events))
	for i, event := range events {
		if event.Version <= versions[keys[i]] {
			p.metrics.Messages.WithLabelValues(ordersQueue, metrics.OutcomeDuplicate).Inc()
			continue
		}
		for _, line := range event.Lines {
			line.SKU = order.NormalizeSKU(line.SKU)
			rows = append(rows, order.Row{Event: event, Line: line, ListPrice: p.listPrice(ctx, event, line)})
		}
		states = append(states, store.State{
			TenantID: event.TenantID, OrderID: event.OrderID,
			Version: event.Version, Status: event.Status, UpdatedAt: event.OccurredAt,
		})
	}
	if len(rows) == 0 {
		ack(sources)
		return nil
	}
	return p.rows.Submit(ctx, sink.Submission{
		Rows: rows,
		Ack:  func(err error) { p.settle(ctx, err, states, sources, ack) },
	})
}

// settle runs after the flush: first the state, then the delete, so that a crash in between costs a repetition and
// never an event.
func (p *Processor) settle(ctx context.Context, err error, states []store.State, sources []types.Message, ack func([]types.Message)) {
	if err == nil {
		err = p.states.PutMany(ctx, states)
	}
	if err != nil {
		p.log.Error("batch not settled, left for redelivery", "messages", len(sources), "error", err)
		p.metrics.Messages.WithLabelValues(ordersQueue, metrics.OutcomeFailed).Add(float64(len(sources)))
		return
	}
	ack(sources)
	p.metrics.Messages.WithLabelValues(ordersQueue, metrics.OutcomeStored).Add(float64(len(states)))
}

// decode drops what cannot be parsed: it stays in the queue until the redrive policy moves it away.
func (p *Processor) decode(messages []types.Message) ([]order.Event, []types.Message) {
	events := make([]order.Event, 0, len(messages))
	sources := make([]types.Message, 0, len(messages))
	for _, m := range messages {
		event, err := order.Decode([]byte(aws.ToString(m.Body)))
		if err != nil {
			p.metrics.Messages.WithLabelValues(ordersQueue, metrics.OutcomeInvalid).Inc()
			p.log.Warn("message rejected", "message_id", aws.ToString(m.MessageId), "error", err)
			continue
		}
		p.log.Info("order event received", "order_id", event.OrderID, "version", event.Version, "lines", len(event.Lines))
		events = append(events, event)
		sources = append(sources, m)
	}
	return events, sources
}

// listPrice is zero when there is none: an order is worth more than its list price.
func (p *Processor) listPrice(ctx context.Context, event order.Event, line order.Line) int64 {
	price, err := p.prices.ListPrice(ctx, line.SKU, event.Currency, event.CreatedAt)
	if err != nil {
		p.metrics.EnrichFailures.WithLabelValues(event.OrderID, failureReason(err)).Inc()
		return 0
	}
	return price
}

func failureReason(err error) string {
	switch {
	case errors.Is(err, enrich.ErrUnknownSKU):
		return "unknown_sku"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "unavailable"
}
