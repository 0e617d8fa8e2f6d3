package main

import (
	"errors"
	"net/http"
	"os"
	"sync"
	"time"
)

type rates struct {
	mu    sync.Mutex
	web   *http.Client
	known map[string]string
	out   chan string
	full  sync.RWMutex
}

func (s *rates) handle(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("key")
	s.refresh(key)
	s.lookup(key)
	s.early(key)
	s.publish(key)
	s.slow()
	s.spool(key)
	s.later(key)
	s.lockAll()
	s.unlockAll()
	s.both(key)
	s.pending(key)
}

func (s *rates) refresh(key string) {
	s.mu.Lock() // want: lock_in_hot_path RISK
	defer s.mu.Unlock()
	if _, ok := s.known[key]; !ok {
		s.fetch(key)
	}
}

func (s *rates) fetch(key string) {
	s.web.Get("http://rates/" + key)
}

// lookup releases the lock before it asks, and takes it again for the answer.
func (s *rates) lookup(key string) {
	s.mu.Lock() // want: lock_in_hot_path GOOD
	_, ok := s.known[key]
	s.mu.Unlock()
	if ok {
		return
	}
	s.web.Get("http://rates/" + key)
	s.mu.Lock()
	s.known[key] = "1"
	s.mu.Unlock()
}

func (s *rates) early(key string) error {
	s.mu.Lock() // want: lock_in_hot_path RISK
	if key == "" {
		return errors.New("no key")
	}
	s.known[key] = "2"
	s.mu.Unlock()
	return nil
}

// both releases on each way out.
func (s *rates) both(key string) error {
	s.mu.Lock() // want: lock_in_hot_path GOOD
	if key == "" {
		s.mu.Unlock()
		return errors.New("no key")
	}
	switch s.known[key] {
	case "":
		s.mu.Unlock()
		return nil
	}
	s.known[key] = "2"
	s.mu.Unlock()
	return nil
}

func (s *rates) publish(key string) {
	s.mu.Lock() // want: lock_in_hot_path RISK
	defer s.mu.Unlock()
	s.out <- key
}

// pending gives up at once when nobody reads.
func (s *rates) pending(key string) {
	s.mu.Lock() // want: lock_in_hot_path GOOD
	defer s.mu.Unlock()
	select {
	case s.out <- key:
	default:
	}
}

func (s *rates) slow() {
	s.mu.Lock() // want: lock_in_hot_path RISK
	time.Sleep(200 * time.Millisecond)
	s.mu.Unlock()
}

func (s *rates) spool(key string) {
	s.mu.Lock() // want: lock_in_hot_path CONCERN
	defer s.mu.Unlock()
	os.WriteFile("/var/spool/"+key, []byte(key), 0o600)
}

// later only starts the call under the lock.
func (s *rates) later(key string) {
	s.mu.Lock() // want: lock_in_hot_path GOOD
	defer s.mu.Unlock()
	go s.web.Get("http://rates/" + key)
}

// lockAll and unlockAll are two halves: the caller holds the lock in between.
func (s *rates) lockAll() {
	s.full.Lock() // want: lock_in_hot_path GOOD
}

func (s *rates) unlockAll() {
	s.full.Unlock()
}

// warm runs before the first request.
func (s *rates) warm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.web.Get("http://rates/all")
}

func main() {
	s := &rates{web: &http.Client{Timeout: time.Second}, known: map[string]string{}, out: make(chan string)}
	s.warm()
	http.HandleFunc("/rates", s.handle)
	http.ListenAndServe(":8080", nil)
}
