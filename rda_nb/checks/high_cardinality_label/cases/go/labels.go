package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	orders = promauto.NewCounterVec(prometheus.CounterOpts{Name: "orders_total"}, []string{"order_id", "outcome"})
	failed = promauto.NewCounterVec(prometheus.CounterOpts{Name: "failures_total"}, []string{"reason"})
	paths  = promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "seconds", Buckets: []float64{0.1, 1}}, []string{"path", "code"})
	routes = promauto.NewCounterVec(prometheus.CounterOpts{Name: "routes_total"}, []string{"route", "status"})
	states = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "state"}, []string{"partition", "topic"})
	kinds  = promauto.NewCounterVec(prometheus.CounterOpts{Name: "kinds_total"}, []string{"kind"})
)

type order struct {
	OrderID string
	Channel string
	Kind    string
}

type config struct{ ID string }

func handle(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		failed.WithLabelValues(err.Error()).Inc() // want: high_cardinality_label RISK
		return
	}
	orders.WithLabelValues(o.OrderID, outcome(o)).Inc() // want: high_cardinality_label RISK subject=orders_total.order_id
	paths.WithLabelValues(r.URL.Path, strconv.Itoa(200)).Observe(time.Since(start).Seconds()) // want: high_cardinality_label RISK
	count(o.Channel)
	kinds.WithLabelValues(kindOf(o.Kind)).Inc()
}

// count is given what the sender wrote.
func count(channel string) {
	kinds.With(prometheus.Labels{"kind": channel}).Inc() // want: high_cardinality_label CONCERN
}

// kindOf maps whatever is sent to three values.
func kindOf(kind string) string {
	switch kind {
	case "web", "app":
		return kind
	}
	return "other"
}

func outcome(o order) string {
	if o.Kind == "" {
		return "empty"
	}
	return "stored"
}

// wrap is given the route's pattern, not the path of the request.
func wrap(pattern string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		next(w, r)
		routes.WithLabelValues(pattern, fmt.Sprint(200)).Inc()
	}
}

// The numbers of partitions and the names in a config are as few as the deployment says.
func track(cfg config, partitionID int) {
	states.WithLabelValues(strconv.Itoa(partitionID), cfg.ID).Set(1)
}

func main() {
	track(config{}, 1)
	http.HandleFunc("/orders", wrap("/orders", handle))
	http.ListenAndServe(":8080", nil)
}
