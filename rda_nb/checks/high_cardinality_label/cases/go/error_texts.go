package main

import (
	"errors"
	"io"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var cancelled = promauto.NewCounterVec(prometheus.CounterOpts{Name: "cancelled_total"}, []string{"cause"})

var errFull = errors.New("queue is full")

// errLast is whatever was told last.
var errLast error

func render(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if ctx.Err() != nil {
		cancelled.WithLabelValues(ctx.Err().Error()).Inc() // fine: it has two texts
		cancelled.WithLabelValues(errFull.Error()).Inc()   // fine: one text
		cancelled.WithLabelValues(io.EOF.Error()).Inc()    // fine: one text
	}
	if err := ctx.Err(); err != nil {
		cancelled.WithLabelValues(err.Error()).Inc() // fine: two texts, by another name
	}
}

func fetch(w http.ResponseWriter, r *http.Request) {
	err := r.Context().Err()
	_, err = http.Get("http://upstream/" + r.URL.Path)
	cancelled.WithLabelValues(err.Error()).Inc() // want: high_cardinality_label RISK
	errLast = err
}

func main() {
	http.HandleFunc("/render", render)
	http.HandleFunc("/fetch", fetch)
	http.HandleFunc("/last", last)
	http.ListenAndServe(":8080", nil)
}

var told = promauto.NewCounterVec(prometheus.CounterOpts{Name: "told_total"}, []string{"cause"})

func last(w http.ResponseWriter, r *http.Request) {
	told.WithLabelValues(errLast.Error()).Inc() // want: high_cardinality_label RISK
}
