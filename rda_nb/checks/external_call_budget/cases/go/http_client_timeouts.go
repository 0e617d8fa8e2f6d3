package main

import (
	"context"
	"net/http"
	"time"
)

type prices struct {
	slow *http.Client
	fast *http.Client
}

func newPrices() *prices {
	return &prices{
		slow: &http.Client{},
		fast: &http.Client{Timeout: 3 * time.Second},
	}
}

func (p *prices) handle(w http.ResponseWriter, r *http.Request) {
	p.slow.Get("http://prices/a") // want: http RISK bounded=false
	p.fast.Get("http://prices/b") // want: http GOOD timeout_s=3 worst_case_s=3

	// The client has no timeout, the request's context has one: nothing to report.
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices/c", nil)
	p.slow.Do(req) // want: http GOOD timeout_s=2 worst_case_s=2
}

func main() {
	p := newPrices()
	http.HandleFunc("/prices", p.handle)
	http.ListenAndServe(":8080", nil)
}
