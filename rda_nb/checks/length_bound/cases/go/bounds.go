package main

import (
	"net/http"
	"os"
	"strconv"
)

const maxTitle = 200

type sink struct {
	rows    []string
	pending []string
	cached  map[string]string
	limit   int
}

func newSink() *sink {
	limit, err := strconv.Atoi(os.Getenv("MAX_ROWS"))
	if err != nil {
		limit = 5000
	}
	return &sink{limit: limit, cached: map[string]string{}}
}

func (s *sink) add(row string) {
	s.rows = append(s.rows, row)
	if len(s.rows) >= s.limit { // want: batch_size GOOD value=5000 value.config_key=MAX_ROWS
		s.flush()
	}
	if len(s.pending) > 64 { // want: queue_bound GOOD value=64
		s.pending = s.pending[1:]
	}
	if len(s.cached) >= 128 { // want: cache_bound GOOD value=128
		for key := range s.cached {
			delete(s.cached, key)
			break
		}
	}
	// Asking whether there is anything at all is no bound.
	if len(s.rows) > 0 { // ok: nothing
		s.pending = append(s.pending, row)
	}
}

func (s *sink) flush() { s.rows = nil }

func (s *sink) create(w http.ResponseWriter, r *http.Request) {
	title := r.FormValue("title")
	if len(title) > maxTitle { // want: payload_limit GOOD value=200
		http.Error(w, "too long", http.StatusBadRequest)
		return
	}
	s.add(title)
}

func main() {
	s := newSink()
	http.HandleFunc("/create", s.create)
	http.ListenAndServe(":8080", nil)
}
