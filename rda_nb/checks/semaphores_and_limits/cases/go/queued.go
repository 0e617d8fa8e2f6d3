package main

import (
	"context"
	"net/http"
)

type service struct {
	places chan struct{}
	gate   chan struct{}
	room   chan struct{}
	stop   chan struct{}
}

func newService(most int) *service {
	return &service{
		places: make(chan struct{}, most),
		gate:   make(chan struct{}, 8),
		room:   make(chan struct{}, 8),
		stop:   make(chan struct{}, 8),
	}
}

func fetch(ctx context.Context, url string) {}

func (s *service) render(w http.ResponseWriter, r *http.Request) {
	s.places <- struct{}{} // want: concurrency CONCERN bounded=false
	defer func() { <-s.places }()
	fetch(r.Context(), r.URL.Path)
}

// The same semaphore is told once.
func (s *service) find(w http.ResponseWriter, r *http.Request) {
	s.places <- struct{}{}
	defer func() { <-s.places }()
	fetch(r.Context(), r.URL.Path)
}

// fine: the wait ends with the request.
func (s *service) listening(w http.ResponseWriter, r *http.Request) {
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-r.Context().Done():
		return
	}
	fetch(r.Context(), r.URL.Path)
}

// fine: it is asked first whether there is room.
func (s *service) asking(w http.ResponseWriter, r *http.Request) {
	if len(s.room) == cap(s.room) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.room <- struct{}{}
	defer func() { <-s.room }()
	fetch(r.Context(), r.URL.Path)
}

// fine: a signal, which a loop takes out.
func (s *service) end(w http.ResponseWriter, r *http.Request) {
	s.stop <- struct{}{}
}

func (s *service) run() {
	for {
		<-s.stop
	}
}

// fine: places that the request makes for its own work.
func (s *service) each(w http.ResponseWriter, r *http.Request) {
	own := make(chan struct{}, 4)
	for _, id := range r.Header.Values("Id") {
		own <- struct{}{}
		go func() {
			defer func() { <-own }()
			fetch(r.Context(), id)
		}()
	}
}

var shared = make(chan struct{}, 6)

// fine: the fan-out of a request, which is told where it starts.
func (s *service) out(w http.ResponseWriter, r *http.Request) {
	for _, id := range r.Header.Values("Id") {
		shared <- struct{}{}
		go func() {
			defer func() { <-shared }()
			fetch(r.Context(), id)
		}()
	}
}

func atMost(limit int, next http.HandlerFunc) http.HandlerFunc {
	all := make(chan struct{}, limit)
	return func(w http.ResponseWriter, r *http.Request) {
		all <- struct{}{} // want: concurrency CONCERN bounded=false
		defer func() { <-all }()
		next(w, r)
	}
}

type entrance struct {
	inside chan struct{}
}

func (e *entrance) enter() {
	e.inside <- struct{}{} // want: concurrency CONCERN bounded=false
}

func (e *entrance) leave() {
	select {
	case <-e.inside:
	default:
	}
}

func through(next http.HandlerFunc) http.HandlerFunc {
	e := &entrance{inside: make(chan struct{}, 9)}
	return func(w http.ResponseWriter, r *http.Request) {
		e.enter()
		defer e.leave()
		next(w, r)
	}
}

func main() {
	s := newService(4)
	go s.run()
	http.HandleFunc("/render", s.render)
	http.HandleFunc("/find", s.find)
	http.HandleFunc("/listening", s.listening)
	http.HandleFunc("/asking", s.asking)
	http.HandleFunc("/end", s.end)
	http.HandleFunc("/each", s.each)
	http.HandleFunc("/out", s.out)
	http.HandleFunc("/limited", atMost(4, s.each))
	http.HandleFunc("/through", through(s.each))
	http.ListenAndServe(":8080", nil)
}
