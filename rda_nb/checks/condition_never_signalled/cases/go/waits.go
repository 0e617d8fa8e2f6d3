package main

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

var (
	contentReady = sync.NewCond(&sync.Mutex{})
	content      map[string]string
)

// ready waits for content that is set without a word to whoever waits.
func ready() error {
	contentReady.L.Lock()
	defer contentReady.L.Unlock()
	done := make(chan struct{})
	go func() {
		contentReady.Wait() // want: blocking_in_async CONCERN
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(5 * time.Second):
		return errors.New("not ready")
	}
}

func load() { content = map[string]string{} }

type queue struct {
	filled *sync.Cond
	items  []string
}

func (q *queue) take() string {
	q.filled.L.Lock()
	defer q.filled.L.Unlock()
	for len(q.items) == 0 {
		q.filled.Wait() // fine: put signals it
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item
}

func (q *queue) put(item string) {
	q.filled.L.Lock()
	q.items = append(q.items, item)
	q.filled.L.Unlock()
	q.filled.Signal()
}

func main() {
	q := &queue{filled: sync.NewCond(&sync.Mutex{})}
	go load()
	http.HandleFunc("/content", func(w http.ResponseWriter, r *http.Request) {
		if ready() == nil {
			q.put(r.URL.Path)
			w.Write([]byte(q.take()))
		}
	})
	http.ListenAndServe(":8080", nil)
}
