package main

import (
	"net/http"
	"sync"
	"time"
)

type tags struct {
	mu      sync.Mutex
	updated time.Time
	tried   time.Time
	signalled time.Time
	received  time.Time
	values  []string
}

func fetch() ([]string, error) {
	resp, err := http.Get("http://hub/tags")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return []string{resp.Status}, nil
}

func (t *tags) refresh() {
	values, err := fetch()
	if err != nil { // want: backoff CONCERN
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.updated = time.Now()
	t.values = values
}

func (t *tags) list(w http.ResponseWriter, r *http.Request) {
	if time.Since(t.updated) > time.Minute {
		go t.refresh()
	}
	_, _ = w.Write([]byte(t.values[0]))
}

// The time of the try is kept, whether it ends well or not.
func (t *tags) patient() {
	t.tried = time.Now()
	if values, err := fetch(); err == nil {
		t.values = values
	}
}

func (t *tags) other(w http.ResponseWriter, r *http.Request) {
	if time.Since(t.tried) > time.Minute {
		t.patient()
	}
}

// ok: backoff: the moment is set before anything is tried, so that a failure waits as long as a success.
func (t *tags) signal(w http.ResponseWriter, r *http.Request) {
	if values, err := fetch(); err != nil || len(values) == 0 {
		return
	}
	if time.Since(t.signalled) > time.Minute {
		t.signalled = time.Now()
		t.refresh()
	}
}

// ok: backoff: the age is noted, and decides on nothing.
func (t *tags) packet(w http.ResponseWriter, r *http.Request) {
	values, err := fetch()
	if err != nil {
		return
	}
	if time.Since(t.received) > time.Minute {
		w.Header().Set("X-Gap", "long")
	}
	t.received = time.Now()
	t.values = values
}

func main() {
	t := &tags{}
	http.HandleFunc("/packet", t.packet)
	http.HandleFunc("/signal", t.signal)
	http.HandleFunc("/tags", t.list)
	http.HandleFunc("/other", t.other)
	_ = http.ListenAndServe(":8080", nil)
}
