package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	queued prometheus.Gauge
}

// The name is what the caller gives, and what is put behind it.
func newMetrics(namespace string) *metrics {
	if namespace != "" {
		namespace += "_"
	}
	namespace += "worker"
	return &metrics{
		queued: promauto.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "items_queued", Help: "Items that wait.",
		}),
	}
}

func main() {
	m := newMetrics("shop") // want: queue_lag GOOD metric=shop_worker_items_queued
	http.HandleFunc("/put", func(w http.ResponseWriter, r *http.Request) {
		m.queued.Inc()
	})
	http.ListenAndServe(":8080", nil)
}
