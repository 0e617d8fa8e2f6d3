package sink

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"go.example.com/parcel-scans/internal/config"
	"go.example.com/parcel-scans/internal/metrics"
)

const (
	insertScans    = `INSERT INTO scans (parcel_id, depot, depot_name, kind, scanned_at)`
	insertTimeout  = 8 * time.Second
	insertAttempts = 3
	retryPause     = 500 * time.Millisecond
	waitingBatches = 64
)

// ErrBusy says that the store is too slow to take more.
var ErrBusy = errors.New("sink: too many batches wait")

// pending is one caller's scans and where to tell it how they fared.
type pending struct {
	scans []Scan
	done  chan error
}

// Writer gathers the scans of all callers into large inserts.
type Writer struct {
	conn     driver.Conn
	in       chan pending
	rows     int
	interval time.Duration
	metrics  *metrics.Metrics
}

// NewWriter starts a writer.
func NewWriter(conn driver.Conn, cfg config.Config, m *metrics.Metrics) *Writer {
	w := &Writer{
		conn: conn, in: make(chan pending, waitingBatches), rows: cfg.BatchRows, interval: cfg.FlushInterval, metrics: m,
	}
	go w.run()
	return w
}

// Write returns when the scans are stored, or when they cannot be.
func (w *Writer) Write(ctx context.Context, scans []Scan) error {
	one := pending{scans: scans, done: make(chan error, 1)}
	select {
	case w.in <- one:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-one.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run owns the buffers, so they need no lock.
func (w *Writer) run() {
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()
	var waiting []pending
	rows := make([]Scan, 0, w.rows)
	flush := func() {
		if len(rows) == 0 {
			return
		}
		err := w.insert(context.Background(), rows)
		for _, one := range waiting {
			one.done <- err
		}
		waiting, rows = waiting[:0], rows[:0]
	}
	for {
		select {
		case one := <-w.in:
			waiting = append(waiting, one)
			rows = append(rows, one.scans...)
			if len(rows) >= w.rows {
				flush()
			}
		case <-ticker.C:
			flush()
		}
	}
}

// insert tries a batch three times. The rows are the same each time, so a batch that was stored after all folds away.
func (w *Writer) insert(ctx context.Context, rows []Scan) error {
	w.metrics.BatchRows.Observe(float64(len(rows)))
	var err error
	for attempt := range insertAttempts {
		if attempt > 0 {
			w.metrics.InsertRetries.Inc()
			select {
			case <-time.After(retryPause + time.Duration(rand.Int64N(int64(retryPause)))):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err = w.send(ctx, rows); err == nil {
			return nil
		}
		w.metrics.InsertErrors.Inc()
	}
	return fmt.Errorf("insert of %d scans: %w", len(rows), err)
}

func (w *Writer) send(ctx context.Context, rows []Scan) error {
	ctx, cancel := context.WithTimeout(ctx, insertTimeout)
	defer cancel()
	start := time.Now()
	defer func() { w.metrics.InsertSeconds.Observe(time.Since(start).Seconds()) }()
	batch, err := w.conn.PrepareBatch(ctx, insertScans)
	if err != nil {
		return err
	}
	defer batch.Close()
	for i := range rows {
		row := &rows[i]
		if err := batch.Append(row.ParcelID, row.Depot, row.DepotName, row.Kind, row.ScannedAt); err != nil {
			return err
		}
	}
	return batch.Send()
}
