// A list of an answer is no batch, whatever field of another struct has its name.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	served = promauto.NewCounter(prometheus.CounterOpts{Name: "requests_total"})
	failed = promauto.NewCounter(prometheus.CounterOpts{Name: "request_errors_total"})
	taken  = promauto.NewHistogram(prometheus.HistogramOpts{Name: "request_seconds"})
)

type page struct{ Items []string }

type recent struct{ Items []string }

type handler struct {
	seen   recent
	conn driver.Conn
}

func (h *handler) save(ctx context.Context) error {
	batch, err := h.conn.PrepareBatch(ctx, "INSERT INTO seen (path)") // want: batch_size_distribution CONCERN
	if err != nil {
		return err
	}
	for _, one := range h.seen.Items {
		if err := batch.Append(one); err != nil {
			return err
		}
	}
	started := time.Now()
	err = batch.Send()
	taken.Observe(time.Since(started).Seconds())
	return err
}

func (h *handler) list(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	served.Inc()
	h.seen.Items = append(h.seen.Items, r.URL.Path)
	if err := h.save(r.Context()); err != nil {
		failed.Inc()
	}
	answer := page{}
	answer.Items = make([]string, 0, len(h.seen.Items)) // ok: it is made here once
	for _, one := range h.seen.Items {
		answer.Items = append(answer.Items, one)
	}
	json.NewEncoder(w).Encode(answer)
	taken.Observe(time.Since(started).Seconds())
}

func main() {
	h := &handler{}
	http.HandleFunc("GET /items", h.list)
	http.ListenAndServe(":8080", nil)
}
