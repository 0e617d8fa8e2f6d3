package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v4"
)

const (
	insertReadings = `INSERT INTO readings (tenant, device, kind, value, at)`
	latestReadings = `SELECT device, value FROM readings FINAL WHERE kind = ? LIMIT 1000`

	insertTimeout = 10 * time.Second
	latestTimeout = 4 * time.Second
	insertRetries = 2
	handoff       = 64
	flushEvery    = 2 * time.Second
)

type submission struct {
	readings []Reading
	done     func()
}

// Sink collects readings and inserts them in large batches.
type Sink struct {
	conn    driver.Conn
	in      chan submission
	maxRows int
}

// NewSink reads its batch size from BATCH_ROWS.
func NewSink(conn driver.Conn) *Sink {
	return &Sink{conn: conn, in: make(chan submission, handoff), maxRows: integer("BATCH_ROWS", 20000)}
}

func integer(key string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return n
	}
	return fallback
}

// Submit blocks while the hand-off is full.
func (s *Sink) Submit(ctx context.Context, readings []Reading, done func()) {
	select {
	case s.in <- submission{readings, done}:
	case <-ctx.Done():
	}
}

// Run inserts until ctx is done; what was submitted is committed after its rows are stored.
func (s *Sink) Run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	var pending []submission
	rows := make([]Reading, 0, s.maxRows)
	flush := func() {
		if len(rows) == 0 {
			return
		}
		if err := s.insert(ctx, rows); err != nil {
			slog.Error("batch given up", "error", err)
			os.Exit(1)
		}
		for _, p := range pending {
			p.done()
		}
		pending, rows = pending[:0], rows[:0]
	}
	for {
		select {
		case in := <-s.in:
			pending = append(pending, in)
			rows = append(rows, in.readings...)
			if len(rows) >= s.maxRows {
				flush()
			}
		case <-ticker.C:
			flush()
		case <-ctx.Done():
			return
		}
	}
}

func (s *Sink) insert(ctx context.Context, rows []Reading) error {
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval = 500 * time.Millisecond
	policy.MaxInterval = 8 * time.Second
	return backoff.Retry(func() error { return s.send(ctx, rows) }, backoff.WithMaxRetries(policy, insertRetries))
}

func (s *Sink) send(ctx context.Context, rows []Reading) error {
	ctx, cancel := context.WithTimeout(ctx, insertTimeout)
	defer cancel()
	batch, err := s.conn.PrepareBatch(ctx, insertReadings)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for _, r := range rows {
		if err := batch.Append(r.Tenant, r.Device, r.Kind, r.Value, r.At); err != nil {
			return backoff.Permanent(err)
		}
	}
	return batch.Send()
}

// Latest returns the newest value of every device for the dashboard.
func (s *Sink) Latest(ctx context.Context, kind string) (driver.Rows, error) {
	ctx, cancel := context.WithTimeout(ctx, latestTimeout)
	defer cancel()
	return s.conn.Query(ctx, latestReadings, kind)
}
