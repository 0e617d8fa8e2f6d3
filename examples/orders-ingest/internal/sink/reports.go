package sink

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The newest version of one order. FINAL reads only the granules of one key here.
const selectOrder = `
SELECT tenant_id, order_id, version, status, currency, total, created_at
FROM orders_latest FINAL
WHERE tenant_id = ? AND order_id = ?
LIMIT 1`

const selectRevenue = `
SELECT toDate(created_at) AS day, currency, sum(total) AS revenue, count() AS orders
FROM orders_latest FINAL
WHERE created_at >= ? AND status IN ('paid', 'shipped')
GROUP BY day, currency
ORDER BY day`

const selectHistory = `
SELECT event_id, version, status, sku, quantity, amount, event_time
FROM order_events
WHERE tenant_id = ? AND order_id = ?
ORDER BY event_time DESC
LIMIT 500`

const selectByStatus = `
SELECT event_id, version, status, sku, quantity, amount, event_time
FROM order_events
WHERE status = ? AND event_time >= ?
ORDER BY event_time`

const updateStatus = `ALTER TABLE orders_latest UPDATE status = ? WHERE tenant_id = ? AND order_id = ?`

// ErrNotFound means that ClickHouse has no such order (yet).
var ErrNotFound = errors.New("order not found")

// OrderRow is the newest version of an order.
type OrderRow struct {
	TenantID  string    `ch:"tenant_id" json:"tenant_id"`
	OrderID   string    `ch:"order_id" json:"order_id"`
	Version   int64     `ch:"version" json:"version"`
	Status    string    `ch:"status" json:"status"`
	Currency  string    `ch:"currency" json:"currency"`
	Total     int64     `ch:"total" json:"total"`
	CreatedAt time.Time `ch:"created_at" json:"created_at"`
}

// RevenueRow is one day in one currency.
type RevenueRow struct {
	Day      time.Time `ch:"day" json:"day"`
	Currency string    `ch:"currency" json:"currency"`
	Revenue  int64     `ch:"revenue" json:"revenue"`
	Orders   uint64    `ch:"orders" json:"orders"`
}

// EventRow is one line of one order event.
type EventRow struct {
	EventID   string    `ch:"event_id" json:"event_id"`
	Version   int64     `ch:"version" json:"version"`
	Status    string    `ch:"status" json:"status"`
	SKU       string    `ch:"sku" json:"sku"`
	Quantity  int32     `ch:"quantity" json:"quantity"`
	Amount    int64     `ch:"amount" json:"amount"`
	EventTime time.Time `ch:"event_time" json:"event_time"`
}

// Reports answers the API's read side.
type Reports struct {
	conn    driver.Conn
	timeout time.Duration
}

// NewReports returns the read side; timeout bounds every query but the export, which brings its own.
func NewReports(conn driver.Conn, timeout time.Duration) *Reports {
	return &Reports{conn: conn, timeout: timeout}
}

// Order returns the newest version of one order.
func (r *Reports) Order(ctx context.Context, tenantID, orderID string) (OrderRow, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var row OrderRow
	err := r.conn.QueryRow(ctx, selectOrder, tenantID, orderID).ScanStruct(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return OrderRow{}, ErrNotFound
	}
	if err != nil {
		return OrderRow{}, fmt.Errorf("select order: %w", err)
	}
	return row, nil
}

// Revenue sums paid orders per day since a point in time.
func (r *Reports) Revenue(ctx context.Context, since time.Time) ([]RevenueRow, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var rows []RevenueRow
	if err := r.conn.Select(ctx, &rows, selectRevenue, since); err != nil {
		return nil, fmt.Errorf("select revenue: %w", err)
	}
	return rows, nil
}

// History returns the events of one order, newest first.
func (r *Reports) History(ctx context.Context, tenantID, orderID string) ([]EventRow, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var rows []EventRow
	if err := r.conn.Select(ctx, &rows, selectHistory, tenantID, orderID); err != nil {
		return nil, fmt.Errorf("select history: %w", err)
	}
	return rows, nil
}

// EventsByStatus returns all events with a status since a point in time, for the finance export.
func (r *Reports) EventsByStatus(ctx context.Context, status string, since time.Time) ([]EventRow, error) {
	var rows []EventRow
	if err := r.conn.Select(ctx, &rows, selectByStatus, status, since); err != nil {
		return nil, fmt.Errorf("select events: %w", err)
	}
	return rows, nil
}

// SetStatus corrects the status of one order by hand, for customer care.
func (r *Reports) SetStatus(ctx context.Context, tenantID, orderID, status string) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if err := r.conn.Exec(ctx, updateStatus, status, tenantID, orderID); err != nil {
		return fmt.Errorf("update status: %w", err)
	}
	return nil
}

// Ping reports whether ClickHouse answers.
func (r *Reports) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return r.conn.Ping(ctx)
}
