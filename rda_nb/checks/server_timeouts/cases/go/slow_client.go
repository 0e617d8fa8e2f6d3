package main

import (
	"net/http"
	"time"
)

// The client of the prices may take longer than the server lets its handlers write.
type shop struct {
	prices *http.Client
	stock  *http.Client
}

func main() {
	s := &shop{prices: &http.Client{Timeout: 15 * time.Second}, stock: &http.Client{Timeout: 2 * time.Second}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /prices", s.price)
	mux.HandleFunc("GET /stock", s.count)
	server := &http.Server{
		Addr: ":8080", Handler: mux,
		ReadHeaderTimeout: 2 * time.Second, // want: server_timeout GOOD value=2
		WriteTimeout:      10 * time.Second, // want: server_timeout RISK value=10
	}
	_ = server.ListenAndServe()
}

func (s *shop) price(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://prices/all", nil)
	if answer, err := s.prices.Do(request); err == nil {
		_ = answer.Body.Close()
	}
}

func (s *shop) count(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://stock/all", nil)
	if answer, err := s.stock.Do(request); err == nil {
		_ = answer.Body.Close()
	}
}
