package main

import (
	"fmt"
	"net/http"
	"time"
)

// Serve answers the dashboard.
func (s *Sink) Serve() error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /latest/{kind}", func(w http.ResponseWriter, r *http.Request) {
		rows, err := s.Latest(r.Context(), r.PathValue("kind"))
		if err != nil {
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var device string
			var value float64
			if err := rows.Scan(&device, &value); err != nil {
				return
			}
			fmt.Fprintln(w, device, value)
		}
	})
	server := &http.Server{Addr: ":8080", Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 6 * time.Second}
	return server.ListenAndServe()
}
