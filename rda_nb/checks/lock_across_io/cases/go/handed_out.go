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

func main() {
	s := &slot{}
	http.HandleFunc("POST /wake", s.wake)
	http.HandleFunc("POST /sleep", s.sleep)
	http.ListenAndServe(":8080", nil)
}
