package main

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	workers = 12
	readers = 4
)

type store struct {
	orders  *sql.DB
	reports *sql.DB
	audit   *sql.DB
	client  *http.Client
	wide    *http.Client
}

func open() *store {
	orders, _ := sql.Open("postgres", "postgres://orders")
	orders.SetMaxOpenConns(3) // want: pool_size CONCERN value=3 bounded=true
	reports, _ := sql.Open("postgres", "postgres://reports")
	reports.SetMaxOpenConns(20)
	audit, _ := sql.Open("postgres", "postgres://audit") // want: pool_size CONCERN value=none bounded=false
	return &store{
		orders: orders, reports: reports, audit: audit,
		client: &http.Client{Timeout: 5 * time.Second}, // want: pool_size CONCERN value=2 bounded=true
		wide: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
	}
}

func main() {
	s := open()
	work := make(chan string, 8)
	for i := 0; i < workers; i++ {
		go s.run(work)
	}
	http.HandleFunc("/audit", s.entries)
	http.HandleFunc("/prices", s.prices)
	_ = http.ListenAndServe(":8080", nil)
}

// Twelve of them share the pools.
func (s *store) run(work chan string) {
	for id := range work {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, _ = s.orders.ExecContext(ctx, "UPDATE orders SET seen = true WHERE id = $1", id)
		_, _ = s.reports.ExecContext(ctx, "UPDATE reports SET seen = true WHERE id = $1", id)
		cancel()
	}
}

func (s *store) entries(w http.ResponseWriter, r *http.Request) {
	rows, err := s.audit.QueryContext(r.Context(), "SELECT id FROM audit LIMIT 50")
	if err == nil {
		_ = rows.Close()
	}
}

func (s *store) prices(w http.ResponseWriter, r *http.Request) {
	var group errgroup.Group
	group.SetLimit(readers + 4)
	for _, sku := range r.URL.Query()["sku"] {
		group.Go(func() error { return s.price(r.Context(), sku) })
	}
	_ = group.Wait()
}

func (s *store) price(ctx context.Context, sku string) error {
	for _, client := range []*http.Client{s.wide} {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices/"+sku, nil)
		if answer, err := client.Do(request); err == nil {
			_ = answer.Body.Close()
		}
	}
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices/"+sku, nil)
	answer, err := s.client.Do(request)
	if err == nil {
		_ = answer.Body.Close()
	}
	return err
}
