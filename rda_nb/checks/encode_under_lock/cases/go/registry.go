package main

import (
	"encoding/json"
	"net/http"
	"sync"
)

type registry struct {
	mu    sync.RWMutex
	items map[string]int
	name  string
}

func (r *registry) put(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.items[q.URL.Path]++
}

func (r *registry) dump() []byte {
	r.mu.RLock() // want: lock_in_hot_path CONCERN
	defer r.mu.RUnlock()
	data, _ := json.Marshal(r.items)
	return data
}

// fine: what is encoded is a copy, and the lock is free by then
func (r *registry) snapshot() []byte {
	r.mu.RLock()
	items := make(map[string]int, len(r.items))
	for key, count := range r.items {
		items[key] = count
	}
	r.mu.RUnlock()
	data, _ := json.Marshal(items)
	return data
}

// fine: one short value
func (r *registry) label() []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	data, _ := json.Marshal(r.name)
	return data
}

type settings struct {
	mu   sync.RWMutex
	keys map[string]string
}

// fine: nothing that serves requests changes it
func (s *settings) dump() []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	data, _ := json.Marshal(s.keys)
	return data
}

func main() {
	r := &registry{items: map[string]int{}}
	s := &settings{keys: map[string]string{}}
	http.HandleFunc("PUT /items/{id}", r.put)
	println(len(r.dump()), len(r.snapshot()), len(r.label()), len(s.dump()))
	http.ListenAndServe(":8080", nil)
}
