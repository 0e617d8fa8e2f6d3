package sink

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"

	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/order"
)

// fakeConn counts rows; the embedded interface makes every other method panic.
type fakeConn struct {
	driver.Conn
	mu      sync.Mutex
	batches []int
	fail    int
}

type fakeBatch struct {
	driver.Batch
	conn *fakeConn
	rows int
}

func (c *fakeConn) PrepareBatch(context.Context, string, ...driver.PrepareBatchOption) (driver.Batch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail > 0 {
		c.fail--
		return nil, errors.New("connection refused")
	}
	return &fakeBatch{conn: c}, nil
}

func (c *fakeConn) Exec(context.Context, string, ...any) error { return nil }

func (b *fakeBatch) Append(...any) error {
	b.rows++
	return nil
}

func (b *fakeBatch) Send() error {
	b.conn.mu.Lock()
	defer b.conn.mu.Unlock()
	b.conn.batches = append(b.conn.batches, b.rows)
	return nil
}

func newTestWriter(conn *fakeConn, maxRows int, interval time.Duration) *Writer {
	m := metrics.New(prometheus.NewRegistry())
	return NewWriter(conn, maxRows, interval, m, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

func submit(t *testing.T, w *Writer, rows int) <-chan error {
	t.Helper()
	acked := make(chan error, 1)
	err := w.Submit(context.Background(), Submission{
		Rows: make([]order.Row, rows),
		Ack:  func(err error) { acked <- err },
	})
	if err != nil {
		t.Fatalf("Submit: %v", err)
	}
	return acked
}

func TestWriterFlushesWhenFull(t *testing.T) {
	conn := &fakeConn{}
	w := newTestWriter(conn, 10, time.Hour)
	go w.Run()
	first, second := submit(t, w, 6), submit(t, w, 6)
	if err := errors.Join(<-first, <-second); err != nil {
		t.Fatalf("ack: %v", err)
	}
	w.Close()
	if len(conn.batches) != 1 || conn.batches[0] != 12 {
		t.Errorf("batches = %v, want one of 12 rows", conn.batches)
	}
}

func TestWriterFlushesOnInterval(t *testing.T) {
	conn := &fakeConn{}
	w := newTestWriter(conn, 1000, 10*time.Millisecond)
	go w.Run()
	if err := <-submit(t, w, 3); err != nil {
		t.Fatalf("ack: %v", err)
	}
	w.Close()
}

func TestWriterRetriesBeforeAck(t *testing.T) {
	conn := &fakeConn{fail: 1}
	w := newTestWriter(conn, 1, time.Hour)
	go w.Run()
	if err := <-submit(t, w, 1); err != nil {
		t.Fatalf("ack after a retry: %v", err)
	}
	w.Close()
}

func BenchmarkWriter(b *testing.B) {
	w := newTestWriter(&fakeConn{}, 5000, time.Second)
	go w.Run()
	rows := make([]order.Row, 10)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if err := w.Submit(context.Background(), Submission{Rows: rows, Ack: func(error) {}}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	w.Close()
}
