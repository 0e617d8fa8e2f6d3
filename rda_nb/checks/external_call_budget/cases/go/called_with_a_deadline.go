// A function that a helper calls with a context of its own has the deadline of that context, not that of the helper's caller.
package main

import (
	"context"
	"net/http"
	"time"
)

type store struct {
	client  *http.Client
	timeout time.Duration
}

func (s *store) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}

func (s *store) each(ctx context.Context, fn func(context.Context) error) error {
	one, cancel := s.limited(ctx)
	defer cancel()
	return fn(one)
}

func (s *store) plain(ctx context.Context, fn func(context.Context) error) error {
	return fn(ctx)
}

func (s *store) handle(w http.ResponseWriter, r *http.Request) {
	s.each(r.Context(), func(ctx context.Context) error {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://stock", nil)
		_, err := s.client.Do(request) // want: http GOOD timeout_s=30 worst_case_s=30
		return err
	})
	s.plain(r.Context(), func(ctx context.Context) error {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://plain", nil)
		_, err := s.client.Do(request) // want: http CONCERN bounded=false
		return err
	})
}

func main() {
	s := &store{client: &http.Client{}, timeout: 30 * time.Second}
	http.HandleFunc("/", s.handle)
	http.ListenAndServe(":8080", nil)
}
