package main

import (
	"context"
	"net/http"
	"sync"
)

type server struct {
	mu      sync.Mutex
	flying  map[string]bool
	waiting map[string]bool
	cached  map[string]int
}

func main() {
	s := &server{flying: map[string]bool{}, waiting: map[string]bool{}, cached: map[string]int{}}
	http.HandleFunc("/fly", s.fly)
	http.HandleFunc("/wait", s.wait)
	http.HandleFunc("/cache", s.cache)
	go s.sweep()
	_ = http.ListenAndServe(":8080", nil)
}

func work(ctx context.Context) error { return ctx.Err() }

func (s *server) fly(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.mu.Lock()
	s.flying[id] = true // want: cache_bound CONCERN bounded=false
	s.mu.Unlock()
	if err := work(r.Context()); err != nil {
		http.Error(w, "failed", http.StatusBadGateway)
		return
	}
	s.mu.Lock()
	delete(s.flying, id)
	s.mu.Unlock()
}

// Taken out on every way.
func (s *server) wait(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.waiting[id] = true
	if err := work(r.Context()); err != nil {
		delete(s.waiting, id)
		return
	}
	delete(s.waiting, id)
}

// A sweep takes out what was left.
func (s *server) cache(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.cached[id] = 1
	if err := work(r.Context()); err != nil {
		return
	}
	delete(s.cached, id)
}

func (s *server) sweep() {
	for id := range s.cached {
		delete(s.cached, id)
	}
}

type post struct {
	voters map[string]bool
}

// fine: the map is that of a value loaded for this request, and goes with it
func (s *server) vote(w http.ResponseWriter, r *http.Request) {
	p := load(r.PathValue("id"))
	p.voters[r.RemoteAddr] = true
	if err := work(r.Context()); err != nil {
		return
	}
	delete(p.voters, r.RemoteAddr)
}

func load(id string) post { return post{voters: map[string]bool{id: true}} }
