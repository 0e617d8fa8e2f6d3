package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var requests = promauto.NewCounter(prometheus.CounterOpts{Name: "requests_total"})

type handler struct{ failures prometheus.Counter }

func newHandler() *handler {
	return &handler{failures: promauto.NewCounter(prometheus.CounterOpts{Name: "failures_total"})}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	requests.Inc()
	h.failures.Inc()
	seen := prometheus.NewCounter(prometheus.CounterOpts{Name: "seen_total"}) // want: alloc_in_loop CONCERN
	seen.Inc()
}

func main() {
	h := newHandler()
	http.HandleFunc("/", h.serve)
	http.ListenAndServe(":8080", nil)
}
