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

var softRowLimit, hardRowLimit = 10, 100

func limited(asked int) int {
	if asked > hardRowLimit { // want: resource_limit GOOD value=100
		return hardRowLimit
	}
	return asked
}

// A number of workers that is worked out and brought down to one for few rows: one is not what is enforced.
func spread(rows []string, configured func() int) int {
	numWorkers := configured()
	if numWorkers <= 1 || len(rows) < numWorkers {
		numWorkers = 1
	}
	if len(rows) > numWorkers {
		return len(rows) / numWorkers
	}
	return numWorkers
}

// What stands in for a limit that is not set, and what holds it down, are numbers that it has.
func offered(rows []string, configured func() int) []string {
	maxRows := configured()
	if maxRows <= 0 {
		maxRows = 32
	}
	if len(rows) > maxRows { // want: resource_limit GOOD value=32
		return nil
	}
	maxParts := configured()
	if maxParts > 500 {
		maxParts = 500
	}
	if len(rows) > maxParts { // want: resource_limit GOOD value=500
		return nil
	}
	maxCount := configured()
	if maxCount < 1 {
		maxCount = 1
	}
	if len(rows) > maxCount { // the least that it can be is not what it is
		return nil
	}
	return rows
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
