// How far something has come, whether others are up, and what a cache leaves out are neither use of a bound nor loss.
package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	reload   = promauto.NewGauge(prometheus.GaugeOpts{Name: "last_reload_timestamp_seconds"})    // want: throughput GOOD
	height   = promauto.NewGauge(prometheus.GaugeOpts{Name: "node_height"})                      // want: throughput GOOD
	behind   = promauto.NewGauge(prometheus.GaugeOpts{Name: "block_height_delta"})               // want: queue_lag GOOD
	backends = promauto.NewGauge(prometheus.GaugeOpts{Name: "healthy_backends"})                 // want: error_rate GOOD
	left     = promauto.NewCounter(prometheus.CounterOpts{Name: "cache_sets_rejected_total"})    // want: throughput GOOD
	refused  = promauto.NewCounter(prometheus.CounterOpts{Name: "requests_rejected_total"})      // want: error_rate GOOD
	pool     = promauto.NewGauge(prometheus.GaugeOpts{Name: "pool_connections"})                 // want: saturation GOOD
)

func handle(w http.ResponseWriter, r *http.Request) {
	reload.SetToCurrentTime()
	height.Set(7)
	behind.Set(1)
	backends.Set(2)
	left.Inc()
	refused.Inc()
	pool.Set(3)
}

func main() {
	http.HandleFunc("GET /", handle)
	http.ListenAndServe(":8080", nil)
}
