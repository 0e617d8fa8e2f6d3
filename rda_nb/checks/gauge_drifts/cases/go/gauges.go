package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	running  = prometheus.NewGauge(prometheus.GaugeOpts{Name: "exports_running", Help: "Exports in hand."})
	waiting  = prometheus.NewGauge(prometheus.GaugeOpts{Name: "exports_waiting", Help: "Exports that wait."})
	sessions = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "sessions", Help: "Open sessions."}, []string{"kind"})
	up       = prometheus.NewGauge(prometheus.GaugeOpts{Name: "exporter_up", Help: "1 while it answers."})
)

type exporter struct{ url string }

func main() {
	prometheus.MustRegister(running, waiting, sessions, up)
	e := exporter{url: "http://localhost"}
	http.HandleFunc("/export", e.export)
	http.HandleFunc("/fine", e.fine)
	http.HandleFunc("/closed", e.closed)
	http.HandleFunc("/late", e.late)
	http.HandleFunc("/session", e.session)
	_ = http.ListenAndServe(":8080", nil)
}

func (e exporter) fetch() error { return nil }

func (e exporter) export(w http.ResponseWriter, r *http.Request) {
	running.Inc() // want: in_flight CONCERN present=true
	if err := e.fetch(); err != nil {
		http.Error(w, "no", http.StatusBadGateway)
		return
	}
	running.Dec()
}

// Lowered in a deferred call: every way out passes it.
func (e exporter) fine(w http.ResponseWriter, r *http.Request) {
	waiting.Inc()
	defer waiting.Dec()
	if err := e.fetch(); err != nil {
		return
	}
}

// Lowered before each return.
func (e exporter) closed(w http.ResponseWriter, r *http.Request) {
	waiting.Add(1)
	if err := e.fetch(); err != nil {
		waiting.Add(-1)
		return
	}
	waiting.Add(-1)
}

// Raised only after the error was looked at, and lowered by whoever ends the session.
func (e exporter) late(w http.ResponseWriter, r *http.Request) {
	if err := e.fetch(); err != nil {
		return
	}
	up.Inc()
	sessions.WithLabelValues("web").Inc()
}

func (e exporter) session(w http.ResponseWriter, r *http.Request) {
	sessions.WithLabelValues("api").Inc()
	done := func() { sessions.WithLabelValues("api").Dec() }
	if err := e.fetch(); err != nil {
		done()
		return
	}
	done()
}
