package sink

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v4"
	"golang.org/x/sync/errgroup"

	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/order"
)

const (
	insertOrderEvents = `INSERT INTO order_events
		(tenant_id, order_id, event_id, version, status, currency, sku, quantity, amount, list_price, created_at, event_time)`

	submissionBuffer = 256
	ackConcurrency   = 8
	insertRetries    = 4
)

// Submission is the rows of one queue batch and what to do when they are stored, or cannot be.
type Submission struct {
	Rows []order.Row
	Ack  func(err error)
}

// Writer collects submissions and inserts them together: when enough rows are there, or when the interval is over.
type Writer struct {
	conn     driver.Conn
	audit    *Audit
	in       chan Submission
	done     chan struct{}
	maxRows  int
	interval time.Duration
	metrics  *metrics.Metrics
	log      *slog.Logger
}

// NewWriter returns a writer that does nothing until Run.
func NewWriter(conn driver.Conn, maxRows int, interval time.Duration, m *metrics.Metrics, log *slog.Logger) *Writer {
	return &Writer{
		conn:     conn,
		audit:    &Audit{conn: conn},
		in:       make(chan Submission, submissionBuffer),
		done:     make(chan struct{}),
		maxRows:  maxRows,
		interval: interval,
		metrics:  m,
		log:      log,
	}
}

// Submit hands rows to the writer. It blocks while the buffer is full: that is what slows the workers down.
func (w *Writer) Submit(ctx context.Context, s Submission) error {
	select {
	case w.in <- s:
		w.metrics.SinkQueue.Set(float64(len(w.in)))
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run flushes until Close; it owns the buffers, so they need no lock.
func (w *Writer) Run() {
	defer close(w.done)
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()

	var pending []Submission
	rows := make([]order.Row, 0, w.maxRows)
	flush := func() {
		if len(pending) == 0 {
			return
		}
		w.flush(pending, rows)
		pending = pending[:0]
		rows = rows[:0]
	}
	for {
		select {
		case s, open := <-w.in:
			if !open {
				flush()
				return
			}
			pending = append(pending, s)
			rows = append(rows, s.Rows...)
			if len(rows) >= w.maxRows {
				flush()
				ticker.Reset(w.interval)
			}
		case <-ticker.C:
			flush()
		}
	}
}

// Close stops the intake, flushes what is left and waits for it. Nobody may Submit afterwards.
func (w *Writer) Close() {
	close(w.in)
	<-w.done
}

func (w *Writer) flush(pending []Submission, rows []order.Row) {
	w.metrics.BatchRows.Observe(float64(len(rows)))
	err := w.insert(rows)
	if err != nil {
		w.log.Error("batch given up, the messages will be redelivered", "rows", len(rows), "error", err)
	}
	if auditErr := w.audit.Record("order_events", len(rows), err == nil); auditErr != nil {
		w.log.Warn("audit row lost", "error", auditErr)
	}

	var acks errgroup.Group
	acks.SetLimit(ackConcurrency)
	for _, s := range pending {
		acks.Go(func() error {
			s.Ack(err)
			return nil
		})
	}
	_ = acks.Wait()
}

// insert tries a batch until it is stored or the retries are used up. The rows stay the same between the tries,
// so a batch that was stored after all folds into the same keys.
func (w *Writer) insert(rows []order.Row) error {
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval = 500 * time.Millisecond
	policy.MaxInterval = 10 * time.Second
	policy.MaxElapsedTime = 0 // the number of retries is the limit

	return backoff.RetryNotify(
		func() error { return w.send(rows) },
		backoff.WithMaxRetries(policy, insertRetries),
		func(err error, wait time.Duration) {
			w.metrics.InsertRetries.Inc()
			w.log.Warn("insert failed, trying again", "wait", wait, "error", err)
		},
	)
}

func (w *Writer) send(rows []order.Row) (err error) {
	start := time.Now()
	defer func() {
		w.metrics.InsertSeconds.WithLabelValues("order_events", result(err)).Observe(time.Since(start).Seconds())
	}()

	// A flush must survive the shutdown signal, so it does not take the caller's context.
	batch, err := w.conn.PrepareBatch(context.Background(), insertOrderEvents)
	if err != nil {
		return fmt.Errorf("prepare batch: %w", err)
	}
	for i := range rows {
		e, l := &rows[i].Event, &rows[i].Line
		if err := batch.Append(e.TenantID, e.OrderID, e.EventID, e.Version, e.Status, e.Currency,
			l.SKU, l.Quantity, l.Amount, rows[i].ListPrice, e.CreatedAt, e.OccurredAt); err != nil {
			_ = batch.Abort()
			return backoff.Permanent(fmt.Errorf("append row: %w", err))
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("send batch: %w", err)
	}
	return nil
}

func result(err error) string {
	if err != nil {
		return "error"
	}
	return "ok"
}
