package main

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var builds = promauto.NewCounterVec(prometheus.CounterOpts{Name: "builds_total"}, []string{"flavour"})

type build struct{ Flavour string }

type catalogue interface {
	Exists(name string) bool
	Reload() error
}

type server struct{ flavours catalogue }

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	var b build
	if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
		return
	}
	if !s.flavours.Exists(b.Flavour) {
		http.Error(w, "no such flavour", http.StatusBadRequest)
		return
	}
	// A set that nobody here knows the size of: likely too many, and not without a bound.
	builds.WithLabelValues(b.Flavour).Inc() // want: high_cardinality_label CONCERN why=label_flavour_is_a_field_of_the_request,_checked_against_a_set
}

func main() {
	s := &server{}
	http.HandleFunc("/builds", s.handle)
	http.ListenAndServe(":8080", nil)
}
