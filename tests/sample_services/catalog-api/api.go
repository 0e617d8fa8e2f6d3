package main

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

const (
	maxBody  = 64 << 10
	maxLimit = 200
)

var requests = promauto.NewCounterVec(
	prometheus.CounterOpts{Name: "catalog_requests_total", Help: "Requests by route."}, []string{"route", "tenant_id"},
)

// API serves the catalog.
type API struct {
	products   *Products
	statistics *Statistics
}

// NewAPI wires the handlers.
func NewAPI(p *Products, s *Statistics) *API { return &API{products: p, statistics: s} }

// Routes returns the routes of the API.
func (a *API) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{id}", a.product)
	mux.HandleFunc("POST /views", a.view)
	mux.HandleFunc("GET /statistics", a.report)
	return mux
}

func (a *API) product(w http.ResponseWriter, r *http.Request) {
	requests.WithLabelValues("product", r.Header.Get("X-Tenant-ID")).Inc()
	p, err := a.products.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	_ = json.NewEncoder(w).Encode(p)
}

func (a *API) view(w http.ResponseWriter, r *http.Request) {
	var v View
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&v); err != nil {
		http.Error(w, "bad view", http.StatusBadRequest)
		return
	}
	if err := a.statistics.Record(r.Context(), v); err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (a *API) report(w http.ResponseWriter, r *http.Request) {
	rows, err := a.statistics.Daily(r.Context(), r.URL.Query().Get("product"))
	if err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	if len(rows) > maxLimit {
		rows = rows[:maxLimit]
	}
	_ = json.NewEncoder(w).Encode(rows)
}
