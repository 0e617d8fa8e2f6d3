package main

import (
	"context"
	"net/http"
	"time"
)

// The client's own timeout is longer, and each request has a deadline that is shorter.
type shop struct{ prices *http.Client }

func main() {
	s := &shop{prices: &http.Client{Timeout: 60 * time.Second}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /prices", s.price)
	server := &http.Server{
		Addr: ":8080", Handler: mux,
		ReadHeaderTimeout: 2 * time.Second,
		WriteTimeout:      10 * time.Second, // want: server_timeout GOOD value=10
	}
	_ = server.ListenAndServe()
}

func (s *shop) price(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices/all", nil)
	if answer, err := s.prices.Do(request); err == nil {
		_ = answer.Body.Close()
	}
}
