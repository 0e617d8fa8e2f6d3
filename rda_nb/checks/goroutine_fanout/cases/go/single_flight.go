package main

import (
	"errors"
	"net/http"
	"sync"
)

type refresher struct {
	mu      sync.Mutex
	running bool
}

func (r *refresher) start() (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running {
		return 0, false
	}
	r.running = true
	return 1, true
}

func (r *refresher) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = false
}

func (r *refresher) load(url string) {
	http.Get(url)
}

// fine: the second call leaves while the first one's goroutine runs.
func (r *refresher) trigger(w http.ResponseWriter, q *http.Request) {
	n, ok := r.start()
	if !ok {
		w.WriteHeader(http.StatusConflict)
		return
	}
	go func() { // want: concurrency GOOD value=1
		r.load(q.URL.Path)
		r.finish()
		println(n)
	}()
}

type eager struct {
	mu   sync.Mutex
	busy bool
}

func (e *eager) begin() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.busy {
		return errors.New("busy")
	}
	e.busy = true
	return nil
}

func (e *eager) load(url string) {
	http.Get(url)
}

// The flag is given back by the call, not by what it has started.
func (e *eager) trigger(w http.ResponseWriter, q *http.Request) {
	if err := e.begin(); err != nil {
		return
	}
	go e.load(q.URL.Path) // want: fanout RISK
	e.mu.Lock()
	e.busy = false
	e.mu.Unlock()
}

type asked struct {
	mu   sync.Mutex
	open bool
}

func (a *asked) start() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open {
		return false
	}
	a.open = true
	return true
}

func (a *asked) load(url string) {
	http.Get(url)
	a.open = false
}

// Nobody listens to the answer.
func (a *asked) trigger(w http.ResponseWriter, q *http.Request) {
	if !a.start() {
		println("it runs already")
	}
	go a.load(q.URL.Path) // want: fanout RISK
}

func main() {
	r, e, a := &refresher{}, &eager{}, &asked{}
	http.HandleFunc("/refresh", r.trigger)
	http.HandleFunc("/eager", e.trigger)
	http.HandleFunc("/asked", a.trigger)
	http.ListenAndServe(":8080", nil)
}
