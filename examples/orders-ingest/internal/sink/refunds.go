package sink

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v4"

	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/order"
)

const (
	insertRefunds = `INSERT INTO refund_events (tenant_id, refund_id, order_id, amount, reason, refunded_at)`
	insertAudit   = `INSERT INTO pipeline_audit (at, table_name, rows, stored) VALUES (?, ?, ?, ?)`

	refundTimeout = 10 * time.Second
	refundRetries = 2
	auditTimeout  = 3 * time.Second
)

// Refunds inserts the few refunds of one poll at a time; there are hundreds a day, not thousands a second.
type Refunds struct {
	conn    driver.Conn
	metrics *metrics.Metrics
}

// NewRefunds returns a sink for refunds.
func NewRefunds(conn driver.Conn, m *metrics.Metrics) *Refunds {
	return &Refunds{conn: conn, metrics: m}
}

// Insert stores refunds, or returns the error of the last try.
func (r *Refunds) Insert(ctx context.Context, refunds []order.Refund) error {
	policy := backoff.WithContext(backoff.WithMaxRetries(backoff.NewConstantBackOff(time.Second), refundRetries), ctx)
	return backoff.Retry(func() error { return r.send(ctx, refunds) }, policy)
}

func (r *Refunds) send(ctx context.Context, refunds []order.Refund) (err error) {
	ctx, cancel := context.WithTimeout(ctx, refundTimeout)
	defer cancel()
	start := time.Now()
	defer func() {
		r.metrics.InsertSeconds.WithLabelValues("refund_events", result(err)).Observe(time.Since(start).Seconds())
	}()

	batch, err := r.conn.PrepareBatch(ctx, insertRefunds)
	if err != nil {
		return fmt.Errorf("prepare refunds: %w", err)
	}
	for _, f := range refunds {
		if err := batch.Append(f.TenantID, f.RefundID, f.OrderID, f.Amount, f.Reason, f.RefundedAt); err != nil {
			_ = batch.Abort()
			return backoff.Permanent(fmt.Errorf("append refund: %w", err))
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("send refunds: %w", err)
	}
	return nil
}

// Audit notes each flush, for the weekly completeness report.
type Audit struct {
	conn driver.Conn
}

// Record adds one row. The server collects such rows into parts itself, hence the async settings.
func (a *Audit) Record(table string, rows int, stored bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), auditTimeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"async_insert":          1,
		"wait_for_async_insert": 1,
	}))
	if err := a.conn.Exec(ctx, insertAudit, time.Now().UTC(), table, uint32(rows), stored); err != nil {
		return fmt.Errorf("insert audit row: %w", err)
	}
	return nil
}
