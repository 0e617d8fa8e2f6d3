package main

import "net/http"

type config struct {
	FlushCount     int
	MaxConcurrency int
	MaxOutputBytes int
}

func defaults() config {
	return config{FlushCount: 10000, MaxConcurrency: 8, MaxOutputBytes: 65536}
}

type buffer struct {
	rows   []string
	active int
	cfg    config
}

func (b *buffer) add(row string) bool {
	if b.active >= b.cfg.MaxConcurrency { // want: concurrency GOOD value=8
		return false
	}
	b.rows = append(b.rows, row)
	if len(b.rows) >= b.cfg.FlushCount { // want: batch_size GOOD value=10000
		b.rows = nil
	}
	if uint64(len(row)) > uint64(b.cfg.MaxOutputBytes) { // want: payload_limit GOOD value=65536
		return false
	}
	// Asking whether a limit is set, and comparing with a literal, enforce nothing.
	if b.cfg.MaxConcurrency > 0 && len(b.rows) > 0 {
		return true
	}
	return len(row) > 3
}

var pauses = []int{1, 2, 5, 8}

// Staying at the last of a list bounds no attempts.
func pause(attempt *int) int {
	if *attempt < len(pauses) { // fine
		*attempt++
	}
	return pauses[*attempt-1]
}

func main() {
	b := &buffer{cfg: defaults()}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { b.add(r.URL.Path) })
	http.ListenAndServe(":8080", nil)
}
