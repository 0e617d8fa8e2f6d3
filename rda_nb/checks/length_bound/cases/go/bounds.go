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

var places = make(chan struct{}, 4)

// fine: what is long waits for a place, and is worked on all the same.
func (s *sink) search(w http.ResponseWriter, r *http.Request) {
	words := r.Header.Values("Word")
	if len(words) > 100 {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		case <-r.Context().Done():
			http.Error(w, "too many", http.StatusServiceUnavailable)
			return
		}
	}
	for _, word := range words {
		if len(word) > 300 { // want: payload_limit GOOD value=300
			println("too long", http.StatusBadRequest)
			continue
		}
		s.add(word)
	}
	if len(words) > 400 { // want: payload_limit GOOD value=400
		http.Error(w, "too many", http.StatusBadRequest)
	} else {
		s.add(words[0])
	}
}

func main() {
	s := newSink()
	http.HandleFunc("/create", s.create)
	http.HandleFunc("/search", s.search)
	http.ListenAndServe(":8080", nil)
}
