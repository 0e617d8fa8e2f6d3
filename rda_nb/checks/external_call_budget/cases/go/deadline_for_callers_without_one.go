// A deadline that is set where the caller brings none: a caller's own deadline stays as it is.
package main

import (
	"context"
	"net/http"
	"time"
)

const usual = 5 * time.Second

type api struct {
	client *http.Client
	url    string
}

func (a *api) submit(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, usual)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, nil)
	if err != nil {
		return err
	}
	_, err = a.client.Do(req) // want: http GOOD worst_case_s=5
	return err
}

func (a *api) health(ctx context.Context) error {
	if _, ok := ctx.Deadline(); ok {
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, usual)
		defer cancel()
	}
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, a.url+"/health", nil)
	_, err := a.client.Do(req) // want: http GOOD worst_case_s=8
	return err
}

// The deadline is set for those who have one already: whoever has none waits for ever.
func (a *api) wrongWayRound(ctx context.Context) error {
	if _, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, usual)
		defer cancel()
	}
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, a.url+"/list", nil)
	_, err := a.client.Do(req) // want: http CONCERN bounded=false
	return err
}

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, usual)
}

func (a *api) report(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, a.url+"/report", nil)
	_, err := a.client.Do(req) // want: http GOOD worst_case_s=8
	return err
}

func main() {
	a := &api{client: &http.Client{}, url: "http://other"}
	http.HandleFunc("/submit", func(w http.ResponseWriter, r *http.Request) {
		_ = a.submit(r.Context())
		ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
		defer cancel()
		_ = a.health(ctx)
		_ = a.report(ctx)
		_ = a.wrongWayRound(r.Context())
	})
	_ = http.ListenAndServe(":8080", nil)
}
