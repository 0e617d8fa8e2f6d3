package main

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

var (
	unused = rate.NewLimiter(10, 5) // want: rate_limit CONCERN
	asked  = rate.NewLimiter(10, 5) // ok: rate_limit
)

type api struct{ slots *semaphore.Weighted }

func (a *api) patient(w http.ResponseWriter, r *http.Request) {
	if err := a.slots.Acquire(context.Background(), 1); err != nil { // want: concurrency CONCERN
		return
	}
	defer a.slots.Release(1)
}

func (a *api) bounded(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.slots.Acquire(ctx, 1); err != nil { // want: concurrency GOOD
		return
	}
	defer a.slots.Release(1)
	if !asked.Allow() {
		http.Error(w, "slow down", http.StatusTooManyRequests)
	}
}

// At start it may wait as long as it takes.
func (a *api) warm() { a.slots.Acquire(context.Background(), 1) } // ok: concurrency

func main() {
	a := &api{slots: semaphore.NewWeighted(4)}
	a.warm()
	http.HandleFunc("/patient", a.patient)
	http.HandleFunc("/bounded", a.bounded)
	http.ListenAndServe(":8080", nil)
}
