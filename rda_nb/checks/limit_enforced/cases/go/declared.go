package main

import (
	"io"
	"net/http"
)

type config struct {
	MaxMessageSize int
}

func defaults() config {
	return config{MaxMessageSize: 65536}
}

type receiver struct {
	cfg config
}

// fine: a request in chunks declares no length, so this is no limit.
func (s *receiver) declared(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > int64(s.cfg.MaxMessageSize) {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	io.ReadAll(r.Body)
}

func (s *receiver) both(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > int64(s.cfg.MaxMessageSize) { // want: payload_limit GOOD value=65536
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	io.ReadAll(http.MaxBytesReader(w, r.Body, int64(s.cfg.MaxMessageSize)))
}

func main() {
	s := &receiver{cfg: defaults()}
	http.HandleFunc("/", s.declared)
	http.HandleFunc("/both", s.both)
	http.ListenAndServe(":8080", nil)
}
