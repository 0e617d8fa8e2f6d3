package main

import (
	"errors"
	"net/http"
)

var (
	errNoAvailableWorkers = errors.New("no available workers")
	errQueueFull          = errors.New("queue is full")
	errNotFound           = errors.New("not found")
)

type pool struct {
	jobs chan string
	free int
}

func (p *pool) run(name string) error {
	if p.free == 0 {
		return errNoAvailableWorkers // want: queue_bound GOOD value=0
	}
	if name == "" {
		return errNotFound // fine: it says nothing of places
	}
	select {
	case p.jobs <- name:
		return nil
	default:
		return errQueueFull // fine: what is in the queue waits, and its bound is told where it is made
	}
}

func (p *pool) handle(w http.ResponseWriter, r *http.Request) {
	if err := p.run(r.URL.Path); err != nil {
		http.Error(w, err.Error(), http.StatusTooManyRequests)
	}
}

func main() {
	p := &pool{jobs: make(chan string, 1)}
	http.HandleFunc("/", p.handle)
	_ = http.ListenAndServe(":8080", nil)
}
