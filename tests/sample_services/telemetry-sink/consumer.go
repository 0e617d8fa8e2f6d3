package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

const (
	maxPollRecords = 2000
	decoders       = 4
	pollPause      = time.Second
)

// Reading is one measurement of one device.
type Reading struct {
	Tenant string
	Device string
	Kind   string
	Value  float64
	At     time.Time
}

// Consumer polls Kafka and hands readings to the sink.
type Consumer struct {
	client *kgo.Client
	sink   *Sink
	known  map[string]time.Time
}

// NewConsumer returns a consumer that has seen nothing yet.
func NewConsumer(client *kgo.Client, sink *Sink) *Consumer {
	return &Consumer{client: client, sink: sink, known: map[string]time.Time{}}
}

// Run polls until ctx is done.
func (c *Consumer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		fetches := c.client.PollRecords(ctx, maxPollRecords)
		if err := fetches.Err(); err != nil {
			slog.Warn("poll failed", "error", err)
			time.Sleep(pollPause)
			continue
		}
		records := fetches.Records()
		readings := c.decode(records)
		for _, r := range readings {
			c.known[r.Device] = r.At
		}
		c.sink.Submit(ctx, readings, func() {
			if err := c.client.CommitRecords(ctx, records...); err != nil {
				slog.Warn("commit failed", "error", err)
			}
		})
	}
}

func (c *Consumer) decode(records []*kgo.Record) []Reading {
	readings := make([]Reading, len(records))
	var group errgroup.Group
	group.SetLimit(decoders)
	for i, record := range records {
		group.Go(func() error { return json.Unmarshal(record.Value, &readings[i]) })
	}
	if err := group.Wait(); err != nil {
		slog.Warn("reading rejected", "error", err)
	}
	return readings
}
