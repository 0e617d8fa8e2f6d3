// A retry helper of the service's own: the library's loop, the count it keeps itself, and the calls that go through it.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	maxAttempts  = 4
	retryForever = 10 * time.Minute
)

type runner struct {
	limit  int
	policy func() backoff.BackOff
}

func newRunner() *runner { return &runner{limit: maxAttempts, policy: steady} }

func steady() backoff.BackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: 200 * time.Millisecond,
		Multiplier:      2,
		MaxInterval:     15 * time.Second,
		MaxElapsedTime:  retryForever,
	}
}

func (r *runner) Run(ctx context.Context, step func(context.Context) error) error {
	attempts := 0
	operation := func() error {
		err := step(ctx)
		attempts++
		if err != nil && attempts >= r.limit {
			return backoff.Permanent(err)
		}
		return err
	}
	return backoff.Retry(operation, backoff.WithContext(r.policy(), ctx))
}

type gateway struct {
	client *http.Client
	runner *runner
}

// 4 × 30 s and three pauses of 0.2, 0.4 and 0.8 s, each half as long again at most
func (g *gateway) fetch(ctx context.Context) error {
	return g.runner.Run(ctx, func(ctx context.Context) error {
		response, err := g.client.Get("http://prices/") // want: http CONCERN timeout_s=30 attempts=4 worst_case_s=122.1
		if err != nil {
			return err
		}
		return response.Body.Close()
	})
}

// The deadline lies within each attempt: four of them may follow each other.
func (g *gateway) quote(ctx context.Context) error {
	return g.runner.Run(ctx, g.once)
}

func (g *gateway) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://quotes/", nil)
	if err != nil {
		return err
	}
	response, err := g.client.Do(request) // want: http GOOD timeout_s=5 attempts=4 worst_case_s=22.1
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// The deadline lies around all attempts.
func (g *gateway) rate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	return g.runner.Run(ctx, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://rates/", nil)
		if err != nil {
			return err
		}
		response, err := g.client.Do(request) // want: http GOOD timeout_s=8 attempts=4 worst_case_s=8
		if err != nil {
			return err
		}
		return response.Body.Close()
	})
}

func main() {
	g := &gateway{client: &http.Client{Timeout: 30 * time.Second}, runner: newRunner()}
	http.HandleFunc("/prices", func(w http.ResponseWriter, r *http.Request) {
		g.fetch(r.Context())
		g.quote(r.Context())
		g.rate(r.Context())
	})
	http.ListenAndServe(":8080", nil)
}
