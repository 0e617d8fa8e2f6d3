package main

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var answers = promauto.NewCounterVec(prometheus.CounterOpts{Name: "answers_total"}, []string{"status_code"})
var seconds = promauto.NewHistogram(prometheus.HistogramOpts{Name: "answer_seconds"})

type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

func counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recording := &recorder{w, 200}
		next.ServeHTTP(recording, r)
		seconds.Observe(1)
		answers.With(prometheus.Labels{"status_code": strconv.Itoa(recording.code)}).Inc()
	})
}

// fine: the middleware before it counts what it answers
func orders(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("http://store/orders")
	if err != nil {
		slog.Error("orders", "error", err)
		http.Error(w, "store", http.StatusBadGateway)
		return
	}
	resp.Body.Close()
}

// The status is out before the copy breaks off: the middleware counts a success.
func export(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("http://store/export")
	if err != nil {
		http.Error(w, "store", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		slog.Error("export cut off", "error", err) // want: error_rate GAP
	}
}

func hooks(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("http://store/hooks")
	if err != nil {
		slog.Error("hooks", "error", err)
		http.Error(w, "store", http.StatusBadGateway)
		return
	}
	resp.Body.Close()
}

func main() {
	router := mux.NewRouter()
	api := router.PathPrefix("/api").Subrouter()
	api.Use(counted)
	api.HandleFunc("/export", export).Methods(http.MethodGet)
	api.HandleFunc("/orders", orders).Methods(http.MethodGet)
	outside := router.PathPrefix("/hooks").Subrouter()
	outside.HandleFunc("/take", hooks).Methods(http.MethodPost)
	http.ListenAndServe(":8080", router)
}
