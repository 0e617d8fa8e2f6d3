package main

import (
	"net/http"
	"strings"
)

const flushAt = 5000

type relay struct {
	rows  []string
	notes []string
	tags  []string
	out   chan string
}

func (r *relay) add(w http.ResponseWriter, q *http.Request) {
	r.rows = append(r.rows, q.URL.Path)
	r.notes = append(r.notes, q.Method)
	if len(r.rows) >= flushAt {
		r.flush()
	}
}

func (r *relay) flush() {
	r.out <- strings.Join(r.rows, "\n") // want: alloc_in_loop CONCERN
	r.rows = make([]string, 0, flushAt) // want: alloc_in_loop CONCERN value=5000
	r.trim()
}

// fine: as large as what was there, and its memory is kept
func (r *relay) trim() {
	names := make([]string, 0, len(r.notes))
	names = append(names, r.notes...)
	r.notes = r.notes[:0]
	r.out <- names[0]
	// fine: a few constant words
	r.out <- strings.Join(r.tags, ",")
}

func main() {
	r := &relay{out: make(chan string), tags: []string{"a", "b"}}
	http.HandleFunc("POST /", r.add)
	go func() {
		for text := range r.out {
			println(text)
		}
	}()
	http.ListenAndServe(":8080", nil)
}
