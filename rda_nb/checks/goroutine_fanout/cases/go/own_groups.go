package main

import (
	"net/http"
	"sync"
	"time"
)

type group struct{ wg sync.WaitGroup }

// fine: a group of the service's own runs what it is given; who gives it work decides how much.
func (g *group) Go(work func()) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		work()
	}()
}

func (g *group) Close() { g.wg.Wait() }

type api struct {
	jobs   *group
	client *http.Client
}

func (a *api) refresh(w http.ResponseWriter, r *http.Request) {
	a.jobs.Go(func() { a.client.Get("http://peer/refresh") })
}

// fine: so many work at once as there are tokens, and all are waited for.
func (a *api) match(w http.ResponseWriter, r *http.Request) {
	names := r.URL.Query()["name"]
	found := make(chan string, len(names))
	tokens := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Add(1)
		go func(name string) {
			defer wg.Done()
			tokens <- struct{}{}
			defer func() { <-tokens }()
			a.client.Get("http://peer/" + name)
			found <- name
		}(name)
	}
	go func() {
		wg.Wait()
		close(found)
	}()
	for range found {
	}
}

func main() {
	a := &api{jobs: &group{}, client: &http.Client{Timeout: time.Second}}
	defer a.jobs.Close()
	http.HandleFunc("/refresh", a.refresh)
	http.HandleFunc("/match", a.match)
	http.ListenAndServe(":8080", nil)
}
