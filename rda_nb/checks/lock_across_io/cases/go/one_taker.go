package main

import (
	"net/http"
	"os"
	"sync"
)

type journal struct {
	mu   sync.Mutex
	file *os.File
}

// The lock keeps the lines of its own file whole.
func (j *journal) append(line []byte) error {
	j.mu.Lock() // want: lock_in_hot_path CONCERN consequence=inefficiency
	defer j.mu.Unlock()
	_, err := j.file.Write(line)
	return err
}

type sink struct {
	mu     sync.Mutex
	events chan string
}

// One loop flushes, and only the end waits for it.
func (s *sink) flush(event string) {
	s.mu.Lock() // want: lock_in_hot_path CONCERN consequence=inefficiency
	defer s.mu.Unlock()
	http.Post("http://store/events/"+event, "text/plain", nil)
}

func (s *sink) loop() {
	for event := range s.events {
		s.flush(event)
	}
}

func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.events)
}

type shared struct{ mu sync.Mutex }

// Two routes, one lock: one finding for both places.
func (s *shared) read(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock() // want: lock_in_hot_path RISK cause=one_taker.go|example.com/service.shared|mu
	defer s.mu.Unlock()
	http.Get("http://store/a")
}

func (s *shared) write(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock() // want: lock_in_hot_path RISK cause=one_taker.go|example.com/service.shared|mu
	defer s.mu.Unlock()
	http.Get("http://store/b")
}

func main() {
	j := &journal{}
	s := &sink{events: make(chan string)}
	go s.loop()
	defer s.close()
	both := &shared{}
	http.HandleFunc("/read", both.read)
	http.HandleFunc("/write", both.write)
	http.HandleFunc("/log", func(w http.ResponseWriter, r *http.Request) { j.append([]byte(r.URL.Path)) })
	http.ListenAndServe(":8080", nil)
}
