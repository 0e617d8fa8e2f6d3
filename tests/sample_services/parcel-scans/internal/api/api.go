// Package api answers where a parcel is.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"go.example.com/parcel-scans/internal/config"
	"go.example.com/parcel-scans/internal/metrics"
	"go.example.com/parcel-scans/internal/sink"
)

const (
	maxRequestBytes = 64 << 10
	maxParcels      = 50
	lookups         = 4
)

// API holds what the handlers share.
type API struct {
	conn     driver.Conn
	addr     string
	limit    *rate.Limiter
	metrics  *metrics.Metrics
	gatherer prometheus.Gatherer
	log      *slog.Logger
}

// New wires the handlers.
func New(conn driver.Conn, cfg config.Config, m *metrics.Metrics, gatherer prometheus.Gatherer, log *slog.Logger) *API {
	return &API{
		conn: conn, addr: cfg.Addr, limit: rate.NewLimiter(rate.Limit(cfg.APIRate), cfg.APIRate), metrics: m,
		gatherer: gatherer, log: log,
	}
}

// Server returns the server; nothing listens yet.
func (a *API) Server() *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /v1/parcels/{id}", a.limited("parcel", a.getParcel))
	mux.Handle("POST /v1/parcels/lookup", a.limited("lookup", a.lookup))
	return &http.Server{
		Addr: a.addr, Handler: mux,
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      25 * time.Second,
		IdleTimeout:       time.Minute,
	}
}

// Operations returns the internal server: metrics and profiles. It has no write timeout, since a profile takes as long
// as it is asked to.
func (a *API) Operations(addr string) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.gatherer, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	return &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 2 * time.Second}
}

// limited counts, times and, beyond the rate, refuses requests.
func (a *API) limited(route string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.limit.Allow() {
			a.metrics.Refused.Inc()
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		start := time.Now()
		next(w, r)
		a.metrics.Requests.WithLabelValues(route).Inc()
		a.metrics.RequestSeconds.WithLabelValues(route).Observe(time.Since(start).Seconds())
	})
}

func (a *API) getParcel(w http.ResponseWriter, r *http.Request) {
	scans, err := sink.Way(r.Context(), a.conn, r.PathValue("id"))
	if err != nil {
		a.fail(w, err)
		return
	}
	a.reply(w, scans)
}

// lookup answers for up to 50 parcels, four at a time.
func (a *API) lookup(w http.ResponseWriter, r *http.Request) {
	var parcels []string
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequestBytes)).Decode(&parcels); err != nil {
		http.Error(w, "not a list of parcels", http.StatusBadRequest)
		return
	}
	if len(parcels) > maxParcels {
		http.Error(w, "too many parcels", http.StatusRequestEntityTooLarge)
		return
	}
	ways, err := a.ways(r.Context(), parcels)
	if err != nil {
		a.fail(w, err)
		return
	}
	a.reply(w, ways)
}

func (a *API) ways(ctx context.Context, parcels []string) ([][]sink.Scan, error) {
	ways := make([][]sink.Scan, len(parcels))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, parcel := range parcels {
		group.Go(func() error {
			found, err := sink.Way(ctx, a.conn, parcel)
			ways[i] = found
			return err
		})
	}
	return ways, group.Wait()
}

func (a *API) fail(w http.ResponseWriter, err error) {
	a.metrics.QueryErrors.Inc()
	a.log.Error("query failed", "error", err)
	http.Error(w, "store unavailable", http.StatusServiceUnavailable)
}

func (a *API) reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		a.metrics.CutOff.Inc()
		a.log.Warn("reply cut off", "error", err)
	}
}
