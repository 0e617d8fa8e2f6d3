package main

import (
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
)

type event struct{ path string }

type none struct{}

type recorder struct {
	in      chan event
	wake    chan struct{}
	nudge   chan none
	dropped atomic.Int64
}

func (r *recorder) silent(e event) {
	select {
	case r.in <- e: // want: queue_bound CONCERN
	default:
	}
}

// fine: a wake-up carries nothing, and one that is on its way is as good as two
func (r *recorder) nudged() {
	select {
	case r.nudge <- none{}:
	default:
	}
}

func (r *recorder) counted(e event) {
	select {
	case r.in <- e: // want: queue_bound GOOD
	default:
		r.dropped.Add(1)
	}
}

func (r *recorder) logged(e event) {
	select {
	case r.in <- e: // want: queue_bound GOOD
	default:
		slog.Warn("no room", "path", e.path)
	}
}

func (r *recorder) refused(e event) error {
	select {
	case r.in <- e: // want: queue_bound GOOD
		return nil
	default:
		return errors.New("busy")
	}
}

// The caller is told that all is well.
func (r *recorder) pretended(e event) error {
	select {
	case r.in <- e: // want: queue_bound CONCERN
	default:
		return nil
	}
	return nil
}

// What finds no room in memory goes to the disk.
func (r *recorder) spilled(e event) error {
	select {
	case r.in <- e: // want: queue_bound GOOD
		return nil
	default:
		break
	}
	return write(e)
}

func write(event) error { return nil }

// One wake-up is as good as two.
func (r *recorder) notify() {
	select {
	case r.wake <- struct{}{}: // ok: queue_bound
	default:
	}
}

// It waits: nothing is dropped.
func (r *recorder) waits(e event, done chan struct{}) {
	select {
	case r.in <- e: // ok: queue_bound
	case <-done:
	}
}

func (r *recorder) handle(w http.ResponseWriter, q *http.Request) {
	e := event{q.URL.Path}
	r.silent(e)
	r.counted(e)
	r.logged(e)
	_ = r.pretended(e)
	_ = r.spilled(e)
	r.notify()
	r.waits(e, nil)
	if err := r.refused(e); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

func main() {
	r := &recorder{in: make(chan event, 8), wake: make(chan struct{}, 1)}
	http.HandleFunc("/", r.handle)
	http.ListenAndServe(":8080", nil)
}
