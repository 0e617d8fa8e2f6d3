// Package api serves the partners' HTTP API and the internal operations endpoints.
package api

import (
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"go.example.com/orders-ingest/internal/enrich"
	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/notify"
	"go.example.com/orders-ingest/internal/queue"
	"go.example.com/orders-ingest/internal/sink"
	"go.example.com/orders-ingest/internal/store"
)

// API holds what the handlers share.
type API struct {
	orders   *store.Orders
	reports  *sink.Reports
	producer *queue.Producer
	fx       *enrich.FX
	notifier *notify.Notifier
	revenue  *revenueCache
	metrics  *metrics.Metrics
	log      *slog.Logger
}

// New wires the handlers.
func New(
	orders *store.Orders, reports *sink.Reports, producer *queue.Producer,
	fx *enrich.FX, notifier *notify.Notifier, m *metrics.Metrics, log *slog.Logger,
) *API {
	return &API{
		orders: orders, reports: reports, producer: producer,
		fx: fx, notifier: notifier, revenue: newRevenueCache(revenueCacheSize, revenueCacheFresh),
		metrics: m, log: log,
	}
}

// Server returns the public server.
func (a *API) Server(addr string, maxConcurrent int) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           a.routes(maxConcurrent),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
}

func (a *API) routes(maxConcurrent int) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Use(middleware.Throttle(maxConcurrent))
	r.Use(a.observe)
	r.Route("/v1", func(r chi.Router) {
		r.Post("/orders", a.createOrder)
		r.Post("/orders/bulk", a.createOrders)
		r.Post("/orders/lookup", a.lookupOrders)
		r.Get("/orders/{tenantID}/{orderID}", a.getOrder)
		r.Get("/orders/{tenantID}/{orderID}/history", a.getHistory)
		r.Put("/orders/{tenantID}/{orderID}/status", a.setStatus)
		r.Get("/reports/revenue", a.getRevenue)
		r.Get("/reports/export", a.exportEvents)
	})
	return r
}

// observe counts and times requests by route template, never by path.
func (a *API) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(wrapped, r)

		route := chi.RouteContext(r.Context()).RoutePattern()
		if route == "" {
			route = "unmatched"
		}
		a.metrics.HTTPSeconds.WithLabelValues(route).Observe(time.Since(start).Seconds())
		a.metrics.HTTPRequests.WithLabelValues(route, strconv.Itoa(wrapped.Status())).Inc()
	})
}

// OpsServer returns the internal server: probes, metrics and profiles. It has no write timeout, since a CPU profile
// takes as long as it is asked to.
func (a *API) OpsServer(addr string, gatherer prometheus.Gatherer) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
}

func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.reports.Ping(r.Context()); err != nil {
		a.log.Warn("not ready", "error", err)
		http.Error(w, "clickhouse unreachable", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
