package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"sync"
	"time"

	"go.example.com/orders-ingest/internal/order"
	"go.example.com/orders-ingest/internal/sink"
)

const (
	exportTimeout     = 25 * time.Second
	exportDays        = 31
	defaultReportDays = 30
	maxReportDays     = 366

	revenueCacheSize  = 128
	revenueCacheFresh = time.Minute
)

type revenueDay struct {
	Day     time.Time `json:"day"`
	Revenue float64   `json:"revenue"`
	Orders  uint64    `json:"orders"`
}

// getRevenue answers revenue per day, converted to one currency.
func (a *API) getRevenue(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.URL.Query().Get("days"))
	if err != nil || days < 1 || days > maxReportDays {
		days = defaultReportDays
	}
	currency := r.URL.Query().Get("currency")
	if currency == "" {
		currency = "EUR"
	}
	key := currency + "/" + strconv.Itoa(days)
	if cached, ok := a.revenue.get(key); ok {
		writeJSON(w, http.StatusOK, cached)
		return
	}

	rows, err := a.reports.Revenue(r.Context(), time.Now().AddDate(0, 0, -days))
	if err != nil {
		a.fail(w, "revenue not read", err)
		return
	}
	report, err := a.convert(r.Context(), rows, currency)
	if err != nil {
		a.fail(w, "revenue not converted", err)
		return
	}
	a.revenue.put(key, report)
	writeJSON(w, http.StatusOK, report)
}

// convert folds the rows of a day, which come ordered by day, into one amount.
func (a *API) convert(ctx context.Context, rows []sink.RevenueRow, currency string) ([]revenueDay, error) {
	target, err := a.fx.Rate(ctx, currency)
	if err != nil {
		return nil, err
	}
	var report []revenueDay
	for _, row := range rows {
		source, err := a.fx.Rate(ctx, row.Currency)
		if err != nil {
			return nil, err
		}
		if n := len(report); n == 0 || !report[n-1].Day.Equal(row.Day) {
			report = append(report, revenueDay{Day: row.Day})
		}
		day := &report[len(report)-1]
		day.Revenue += float64(row.Revenue) / 100 / source * target
		day.Orders += row.Orders
	}
	return report, nil
}

// exportEvents streams a month of events with one status as CSV, for finance.
func (a *API) exportEvents(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), exportTimeout)
	defer cancel()
	status := r.URL.Query().Get("status")
	if !order.KnownStatus(status) {
		http.Error(w, "unknown status", http.StatusUnprocessableEntity)
		return
	}
	rows, err := a.reports.EventsByStatus(ctx, status, time.Now().AddDate(0, 0, -exportDays))
	if err != nil {
		a.fail(w, "export not read", err)
		return
	}
	w.Header().Set("Content-Type", "text/csv")
	out := csv.NewWriter(w)
	for _, row := range rows {
		record := []string{
			row.EventID, strconv.FormatInt(row.Version, 10), row.Status, row.SKU,
			strconv.Itoa(int(row.Quantity)), strconv.FormatInt(row.Amount, 10), row.EventTime.Format(time.RFC3339),
		}
		if err := out.Write(record); err != nil {
			a.log.Warn("export cut off", "error", err)
			return
		}
	}
	out.Flush()
}

// revenueCache keeps the last reports; when it is full the oldest one makes room.
type revenueCache struct {
	mu      sync.Mutex
	size    int
	fresh   time.Duration
	reports map[string][]revenueDay
	stored  map[string]time.Time
}

func newRevenueCache(size int, fresh time.Duration) *revenueCache {
	return &revenueCache{
		size: size, fresh: fresh,
		reports: make(map[string][]revenueDay, size), stored: make(map[string]time.Time, size),
	}
}

func (c *revenueCache) get(key string) ([]revenueDay, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.stored[key]) > c.fresh {
		return nil, false
	}
	report, ok := c.reports[key]
	return report, ok
}

func (c *revenueCache) put(key string, report []revenueDay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.reports[key]; !known && len(c.reports) >= c.size {
		c.evictOldest()
	}
	c.reports[key] = report
	c.stored[key] = time.Now()
}

func (c *revenueCache) evictOldest() {
	oldest, found := "", false
	for key, at := range c.stored {
		if !found || at.Before(c.stored[oldest]) {
			oldest, found = key, true
		}
	}
	delete(c.reports, oldest)
	delete(c.stored, oldest)
}
