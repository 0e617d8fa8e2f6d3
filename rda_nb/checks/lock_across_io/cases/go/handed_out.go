package main

import (
	"net/http"
	"sync"
)

type slot struct {
	mu    sync.Mutex
	state string
}

func (s *slot) take() (release func()) {
	s.mu.Lock()
	return func() { s.mu.Unlock() }
}

func (s *slot) wake(w http.ResponseWriter, r *http.Request) {
	release := s.take() // want: lock_in_hot_path RISK
	defer release()
	http.Post("http://engine/unpause", "text/plain", nil)
	s.state = "running"
}

// fine: the lock is free before the call
func (s *slot) sleep(w http.ResponseWriter, r *http.Request) {
	release := s.take()
	s.state = "paused"
	release()
	http.Post("http://engine/pause", "text/plain", nil)
}

type request struct{ loaded *sync.Mutex }

// fine: whoever is given the lock releases it when it has loaded what the others wait for
func (s *slot) load(w http.ResponseWriter, r *http.Request) {
	first := sync.Mutex{}
	first.Lock()
	serve(w, &request{loaded: &first})
}

func (s *slot) stuck(w http.ResponseWriter, r *http.Request) {
	var own sync.Mutex
	own.Lock() // want: lock_in_hot_path RISK
	s.state = "loaded"
}

func serve(w http.ResponseWriter, r *request) {
	defer r.loaded.Unlock()
	w.Write([]byte("loaded"))
}

func main() {
	s := &slot{}
	http.HandleFunc("GET /load", s.load)
	http.HandleFunc("GET /stuck", s.stuck)
	http.HandleFunc("POST /wake", s.wake)
	http.HandleFunc("POST /sleep", s.sleep)
	http.ListenAndServe(":8080", nil)
}
