package main

import (
	"context"
	"net/http"
	"sync"
	"time"
)

var quick = &http.Client{Timeout: 2 * time.Second}

var slow = &http.Client{Timeout: 30 * time.Second}

// One short call per request costs about what the request does.
func keep(w http.ResponseWriter, r *http.Request) {
	go func() { // want: fanout CONCERN consequence=inefficiency
		resp, err := quick.Get("http://cache/set")
		if err == nil {
			resp.Body.Close()
		}
	}()
}

// Half a minute is long enough for them to pile up.
func notify(w http.ResponseWriter, r *http.Request) {
	go func() { // want: fanout CONCERN consequence=
		resp, err := slow.Get("http://hooks/notify")
		if err == nil {
			resp.Body.Close()
		}
	}()
}

// A short call for each of many is not short.
func spread(w http.ResponseWriter, r *http.Request) {
	urls := r.URL.Query()["url"]
	go func() { // want: fanout CONCERN consequence=
		for _, url := range urls {
			req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
			resp, err := quick.Do(req)
			if err == nil {
				resp.Body.Close()
			}
		}
	}()
}

type board struct {
	mu    sync.Mutex
	seen  map[string]int
	queue chan string
}

func (b *board) note(path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen[path]++
}

func (b *board) push(path string) {
	b.queue <- path
}

// What is written under a lock for memory only ends at once.
func (b *board) mark(w http.ResponseWriter, r *http.Request) {
	go b.note("/mark") // want: fanout CONCERN consequence=inefficiency
}

// What waits for room in a queue ends when its reader says so.
func (b *board) hand(w http.ResponseWriter, r *http.Request) {
	go b.push("/hand") // want: fanout CONCERN consequence=
}

func main() {
	b := &board{seen: map[string]int{}, queue: make(chan string, 10)}
	http.HandleFunc("/mark", b.mark)
	http.HandleFunc("/hand", b.hand)
	http.HandleFunc("/keep", keep)
	http.HandleFunc("/notify", notify)
	http.HandleFunc("/spread", spread)
	http.ListenAndServe(":8080", nil)
}
