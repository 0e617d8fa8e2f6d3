package main

import (
	"context"
	"net/http"

	"golang.org/x/sync/semaphore"
)

type server struct {
	slots  chan struct{}
	others chan struct{}
	weight *semaphore.Weighted
	heavy  *semaphore.Weighted
}

func main() {
	s := &server{
		slots: make(chan struct{}, 8), others: make(chan struct{}, 8),
		weight: semaphore.NewWeighted(8), heavy: semaphore.NewWeighted(8),
	}
	http.HandleFunc("/render", s.render)
	http.HandleFunc("/deferred", s.deferred)
	http.HandleFunc("/weighted", s.weighted)
	http.HandleFunc("/refused", s.refused)
	http.HandleFunc("/start", s.start)
	http.HandleFunc("/offered", s.offered)
	_ = http.ListenAndServe(":8080", nil)
}

func draw(ctx context.Context) error { return ctx.Err() }

func (s *server) render(w http.ResponseWriter, r *http.Request) {
	s.slots <- struct{}{} // want: concurrency RISK bounded=false
	if err := draw(r.Context()); err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	<-s.slots
}

func (s *server) deferred(w http.ResponseWriter, r *http.Request) {
	s.others <- struct{}{}
	defer func() { <-s.others }()
	if err := draw(r.Context()); err != nil {
		return
	}
}

func (s *server) weighted(w http.ResponseWriter, r *http.Request) {
	if err := s.weight.Acquire(r.Context(), 1); err != nil { // want: concurrency RISK bounded=false
		return
	}
	if err := draw(r.Context()); err != nil {
		return
	}
	s.weight.Release(1)
}

// The place that could not be had is not kept, and the failure gives it back.
func (s *server) refused(w http.ResponseWriter, r *http.Request) {
	err := s.heavy.Acquire(r.Context(), 1)
	if err != nil {
		return
	}
	if err := draw(r.Context()); err != nil {
		s.heavy.Release(1)
		return
	}
	s.heavy.Release(1)
}

// The way out beside the send took no place.
func (s *server) offered(w http.ResponseWriter, r *http.Request) {
	select {
	case s.others <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	_ = draw(r.Context())
	<-s.others
}

// Another goroutine gives it back.
func (s *server) start(w http.ResponseWriter, r *http.Request) {
	s.others <- struct{}{}
	go func() {
		_ = draw(context.Background())
		<-s.others
	}()
	if r.URL.Path == "" {
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
