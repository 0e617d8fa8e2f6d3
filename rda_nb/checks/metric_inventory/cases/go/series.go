package main

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	steps = promauto.NewHistogramVec( // want: latency GOOD formula.result=36
		prometheus.HistogramOpts{Name: "step_seconds", Buckets: []float64{0.1, 1, 10}},
		[]string{"step", "status"},
	)
	rejected = promauto.NewCounterVec(prometheus.CounterOpts{Name: "rejected_total"}, []string{"reason"}) // want: error_rate GOOD formula.result=2
	calls    = promauto.NewCounterVec(prometheus.CounterOpts{Name: "calls_total"}, []string{"host"})      // want: throughput GOOD
)

func status(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}

func done(step string, started time.Time, err error) {
	steps.WithLabelValues(step, status(err)).Observe(time.Since(started).Seconds())
}

func handle(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	done("read", started, nil)
	done("check", started, nil)
	done("write", started, nil)
	reason := "size"
	if r.ContentLength == 0 {
		reason = "empty"
	}
	rejected.WithLabelValues(reason).Inc()
	calls.WithLabelValues(r.Host).Inc()
}

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
