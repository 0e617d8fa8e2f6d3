package worker

import (
	"context"
	"log/slog"
	"time"

	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/order"
	"go.example.com/orders-ingest/internal/store"
)

const (
	stuckAfter       = 15 * time.Minute
	reconcileTimeout = 30 * time.Second
)

// Reconciler counts the orders that never left "pending", for the dashboard and an alert.
type Reconciler struct {
	orders   *store.Orders
	interval time.Duration
	metrics  *metrics.Metrics
	log      *slog.Logger
}

// NewReconciler wires the job.
func NewReconciler(orders *store.Orders, interval time.Duration, m *metrics.Metrics, log *slog.Logger) *Reconciler {
	return &Reconciler{orders: orders, interval: interval, metrics: m, log: log}
}

// Run counts once per interval until ctx is done.
func (r *Reconciler) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			r.count(ctx, now)
		}
	}
}

func (r *Reconciler) count(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, reconcileTimeout)
	defer cancel()
	stuck, err := r.orders.CountStale(ctx, order.StatusPending, now.Add(-stuckAfter))
	if err != nil {
		r.log.Warn("stuck orders not counted", "error", err)
		return
	}
	r.metrics.StuckOrders.Set(float64(stuck))
}
