package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

type audit struct {
	client     *http.Client
	refreshing atomic.Bool
	once       sync.Once
	state      string
}

func (a *audit) send(path string) { a.client.Get("http://audit/" + path) }

func (a *audit) create(w http.ResponseWriter, r *http.Request) {
	go a.send(r.URL.Path) // want: fanout RISK bounded=false
	w.WriteHeader(http.StatusAccepted)
}

// The answer waits for the goroutine: there are never more of them than requests.
func (a *audit) read(w http.ResponseWriter, r *http.Request) {
	done := make(chan struct{})
	go func() { // ok: fanout
		a.send(r.URL.Path)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

// One refresh at a time, whatever the traffic.
func (a *audit) list(w http.ResponseWriter, r *http.Request) {
	if a.refreshing.CompareAndSwap(false, true) {
		go func() { // ok: fanout
			defer a.refreshing.Store(false)
			a.send("all")
		}()
	}
	a.once.Do(func() {
		go a.send("first") // ok: fanout
	})
}

// A second call is refused while the first is under way.
func (a *audit) rebuild(w http.ResponseWriter, r *http.Request) {
	if a.state == "pending" {
		http.Error(w, "under way", http.StatusConflict)
		return
	}
	a.state = "pending"
	go a.send("rebuild") // ok: fanout
}

// Waited for, and as many as the request names.
func (a *audit) many(w http.ResponseWriter, r *http.Request) {
	var group sync.WaitGroup
	for _, id := range r.URL.Query()["id"] {
		group.Add(1)
		go func() { // want: fanout CONCERN
			defer group.Done()
			a.send(id)
		}()
	}
	group.Wait()
}

// Two known peers, each in its goroutine.
func (a *audit) both(w http.ResponseWriter, r *http.Request) {
	var group sync.WaitGroup
	for _, peer := range []string{"a", "b"} {
		group.Add(1)
		go func() { // ok: fanout
			defer group.Done()
			a.send(peer)
		}()
	}
	group.Wait()
}

func main() {
	a := &audit{client: &http.Client{}}
	http.HandleFunc("/create", a.create)
	http.HandleFunc("/read", a.read)
	http.HandleFunc("/list", a.list)
	http.HandleFunc("/rebuild", a.rebuild)
	http.HandleFunc("/many", a.many)
	http.HandleFunc("/both", a.both)
	server := &http.Server{Addr: ":8080"}
	go server.ListenAndServe() // ok: fanout
	<-context.Background().Done()
}
