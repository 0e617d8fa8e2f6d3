// Package replay sends recorded events again, to rebuild ClickHouse or to load a test environment.
package replay

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.example.com/orders-ingest/internal/order"
	"go.example.com/orders-ingest/internal/queue"
)

const maxLineBytes = 256 << 10

// Player sends newline-delimited events at a steady rate.
type Player struct {
	producer *queue.Producer
	rate     int
	log      *slog.Logger
}

// NewPlayer returns a player that sends rate events a second.
func NewPlayer(producer *queue.Producer, rate int, log *slog.Logger) (*Player, error) {
	if rate < queue.MaxBatch {
		return nil, fmt.Errorf("rate %d is below one batch of %d a second", rate, queue.MaxBatch)
	}
	return &Player{producer: producer, rate: rate, log: log}, nil
}

// Play reads events until the end of in and returns how many were sent.
func (p *Player) Play(ctx context.Context, in io.Reader) (int, error) {
	ticker := time.NewTicker(time.Second * queue.MaxBatch / time.Duration(p.rate))
	defer ticker.Stop()

	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, maxLineBytes), maxLineBytes)
	batch := make([]order.Event, 0, queue.MaxBatch)
	sent, number := 0, 0
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := p.producer.SendBatch(ctx, batch); err != nil {
			return err
		}
		sent += len(batch)
		batch = batch[:0]
		return nil
	}
	for lines.Scan() {
		number++
		event, err := order.Decode(lines.Bytes())
		if err != nil {
			p.log.Warn("line skipped", "line", number, "error", err)
			continue
		}
		batch = append(batch, event)
		if len(batch) == queue.MaxBatch {
			if err := send(); err != nil {
				return sent, fmt.Errorf("line %d: %w", number, err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return sent, fmt.Errorf("line %d: %w", number+1, err)
	}
	return sent, send()
}
