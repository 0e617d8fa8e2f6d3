package main

import (
	"context"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

type server struct {
	stock  *http.Client
	events driver.Conn
}

// Every request ends after 20 s: the middleware hands on a copy with a deadline.
func withDeadline(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://stock", nil)
	s.stock.Do(request) // want: http GOOD timeout_s=20 worst_case_s=20
}

// The server ends what runs longer than its limit; should it fall silent, the read timeout ends the call.
func (s *server) refresh() {
	s.events.Exec(context.Background(), "OPTIMIZE TABLE events") // want: clickhouse GOOD timeout_s=40 worst_case_s=390
}

func main() {
	conn, _ := clickhouse.Open(&clickhouse.Options{
		Settings: map[string]any{"max_execution_time": 40},
	})
	s := &server{stock: &http.Client{}, events: conn}
	go func() {
		for range time.Tick(time.Hour) {
			s.refresh()
		}
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.handle)
	http.ListenAndServe(":8080", withDeadline(20*time.Second)(mux))
}
