package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	queued = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "queued"}, []string{"peer"})
	taken  = promauto.NewCounterVec(prometheus.CounterOpts{Name: "taken_total"}, []string{"project"})
	seen   = promauto.NewCounterVec(prometheus.CounterOpts{Name: "seen_total"}, []string{"order"})
)

// Kind_KIND_TRACE is one of an enumeration.
type Kind int32

const Kind_KIND_TRACE Kind = 1

func (k Kind) String() string { return "trace" }

type network struct{ id string }

func (n *network) GetId() string { return n.id }

type meta struct{ net *network }

func (m *meta) GetNetwork() *network { return m.net }

var (
	kinds    = promauto.NewCounterVec(prometheus.CounterOpts{Name: "kinds_total"}, []string{"kind"})
	networks = promauto.NewCounterVec(prometheus.CounterOpts{Name: "networks_total"}, []string{"network"})
)

// fine: a constant is one value, and networks are few
func (m *meta) count() {
	kinds.WithLabelValues(Kind_KIND_TRACE.String()).Inc()
	networks.WithLabelValues(m.GetNetwork().GetId()).Inc()
}

type member struct{ ip string }

type order struct {
	ProjectID string
	OrderID   string
}

func (m *member) take(o *order) {
	peerAddr := m.ip
	queued.WithLabelValues(peerAddr).Set(1) // fine: a cluster has few members
	taken.WithLabelValues(o.ProjectID).Inc() // want: high_cardinality_label CONCERN
	seen.WithLabelValues(o.OrderID).Inc()    // want: high_cardinality_label RISK
}

func main() {
	m := &member{ip: "10.0.0.1"}
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) { m.take(&order{}); (&meta{}).count() })
	http.ListenAndServe(":8080", nil)
}
