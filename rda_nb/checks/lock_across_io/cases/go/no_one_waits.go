package main

import (
	"net/http"
	"sync"
)

type reply struct{ body string }

type waiters struct {
	mu    sync.Mutex
	byKey map[string]chan reply
	lists map[string][]chan reply
	alive sync.RWMutex
	queue chan string
}

func (w *waiters) wait(rw http.ResponseWriter, r *http.Request) {
	answered := make(chan reply, 1)
	w.mu.Lock()
	w.byKey[r.URL.Path] = answered
	w.lists[r.URL.Path] = append(w.lists[r.URL.Path], answered)
	w.mu.Unlock()
	<-answered
}

// fine: who is answered is taken out under the same lock, and has room for the one answer
func (w *waiters) answer(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	out, exists := w.byKey[r.URL.Path]
	if exists {
		out <- reply{"done"}
		delete(w.byKey, r.URL.Path)
	}
	w.mu.Unlock()
}

func (w *waiters) broadcast(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.lists[r.URL.Path]
	for _, one := range all {
		one <- reply{"cancelled"}
		close(one)
	}
}

// Nothing takes the place of who was answered: the second answer waits.
func (w *waiters) again(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock() // want: lock_in_hot_path CONCERN consequence=inefficiency
	defer w.mu.Unlock()
	out := w.byKey[r.URL.Path]
	out <- reply{"again"}
}

// fine: the lock is of this call alone, whoever else takes it was started by it
func (w *waiters) inOrder(rw http.ResponseWriter, r *http.Request) {
	var turn sync.Mutex
	turn.Lock()
	go func() {
		http.Get("http://events/deleted")
		turn.Unlock()
	}()
	http.Get("http://events/deleting")
	turn.Lock()
}

// Readers do not wait for each other: only the end waits for them.
func (w *waiters) read(rw http.ResponseWriter, r *http.Request) {
	w.alive.RLock() // want: lock_in_hot_path CONCERN consequence=inefficiency
	defer w.alive.RUnlock()
	http.Get("http://store/items")
}

func (w *waiters) stopReading() {
	w.alive.Lock()
	defer w.alive.Unlock()
	w.queue = nil
}

type cache struct {
	mu   sync.RWMutex
	rows map[string]string
}

// The first hold is for memory alone and ends in its branch; the third is taken back for the caller when all is done.
func (c *cache) prepare(rw http.ResponseWriter, r *http.Request) {
	if c.rows == nil {
		c.mu.Lock()
		c.rows = map[string]string{}
		c.mu.Unlock()
	}
	defer c.mu.RLock()
	c.mu.Lock() // want: lock_in_hot_path RISK
	defer c.mu.Unlock()
	http.Get("http://store/rows")
}

func main() {
	w, c := &waiters{byKey: map[string]chan reply{}, lists: map[string][]chan reply{}}, &cache{}
	http.HandleFunc("/wait/", w.wait)
	http.HandleFunc("/answer/", w.answer)
	http.HandleFunc("/broadcast/", w.broadcast)
	http.HandleFunc("/again/", w.again)
	http.HandleFunc("/inorder", w.inOrder)
	http.HandleFunc("/read", w.read)
	http.HandleFunc("/prepare", c.prepare)
	http.ListenAndServe(":8080", nil)
	w.stopReading()
}
