package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	client := &http.Client{Timeout: time.Minute}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /export", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 25*time.Second)
		defer cancel()
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://store.internal/all", nil)
		client.Do(request)
	})
	ops := http.NewServeMux()
	ops.Handle("/metrics", promhttp.Handler())
	go operations(ops)
	server := &http.Server{
		Addr:              ":8080",
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,  // want: server_timeout GOOD value=5
		ReadTimeout:       15 * time.Second, // want: server_timeout GOOD value=15
		WriteTimeout:      10 * time.Second, // want: server_timeout RISK value=10
	}
	server.ListenAndServe()
}

func operations(handler http.Handler) {
	// ok: server_timeout: profiles take as long as they are asked to, so there is no write timeout.
	server := &http.Server{Addr: ":9090", Handler: handler, ReadHeaderTimeout: 5 * time.Second} // want: server_timeout GOOD
	server.ListenAndServe()
}
