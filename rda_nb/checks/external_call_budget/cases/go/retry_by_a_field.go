// A helper that retries only where its receiver was given by what: the calls through those that were not are made once.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
)

type runner struct{ attempts uint64 }

func (r *runner) Do(ctx context.Context, step func(context.Context) error) error {
	policy := backoff.WithMaxRetries(backoff.NewConstantBackOff(time.Second), 3)
	return backoff.Retry(func() error { return step(ctx) }, backoff.WithContext(policy, ctx))
}

type Meter interface {
	Measure(ctx context.Context, step func(context.Context) error) error
	WithRunner(r *runner) Meter
}

type meter struct {
	name   string
	runner *runner
}

type option func(*meter)

func named(name string) option { return func(m *meter) { m.name = name } }

func newMeter(options ...option) Meter {
	m := &meter{name: "none"}
	for _, apply := range options {
		apply(m)
	}
	return m
}

func (m *meter) WithRunner(r *runner) Meter {
	clone := *m
	clone.runner = r
	return &clone
}

func (m *meter) Measure(ctx context.Context, step func(context.Context) error) error {
	began := time.Now()
	var err error
	if m.runner == nil {
		err = step(ctx)
	} else {
		err = m.runner.Do(ctx, step)
	}
	println(m.name, time.Since(began))
	return err
}

type shop struct {
	client *http.Client
	once   Meter
	again  Meter
}

func (s *shop) price(ctx context.Context) error {
	return s.once.Measure(ctx, func(ctx context.Context) error {
		_, err := s.client.Get("http://prices/") // want: http GOOD attempts=1 worst_case_s=5
		return err
	})
}

func (s *shop) stock(ctx context.Context) error {
	return s.again.Measure(ctx, func(ctx context.Context) error {
		_, err := s.client.Get("http://stock/") // want: http GOOD attempts.low=1 attempts.high=4 worst_case_s=23
		return err
	})
}

// Whose meter this is, is not known here.
func (s *shop) rate(ctx context.Context, given Meter) error {
	return given.Measure(ctx, func(ctx context.Context) error {
		_, err := s.client.Get("http://rates/") // want: http GOOD attempts.low=1 attempts.high=4 worst_case_s=23
		return err
	})
}

func (s *shop) list(ctx context.Context) error {
	own := newMeter(named("list"))
	return own.Measure(ctx, func(ctx context.Context) error {
		_, err := s.client.Get("http://list/") // want: http GOOD attempts=1 worst_case_s=5
		return err
	})
}

func main() {
	s := &shop{
		client: &http.Client{Timeout: 5 * time.Second},
		once:   newMeter(named("price")),
		again:  newMeter(named("stock")).WithRunner(&runner{}),
	}
	http.HandleFunc("/prices", func(w http.ResponseWriter, r *http.Request) {
		s.price(r.Context())
		s.stock(r.Context())
		s.rate(r.Context(), s.again)
		s.list(r.Context())
	})
	http.ListenAndServe(":8080", nil)
}
