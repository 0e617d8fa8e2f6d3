package main

import (
	"context"
	"net/http"
	"os"
	"time"
)

type api struct {
	tables map[string]*table
}

type table struct{ rows []string }

func remove(id string) {
	resp, err := http.Get("http://docker/remove?id=" + id)
	if err == nil {
		resp.Body.Close()
	}
}

// The removal waits for the end of the call, then works on beside the next ones.
func (a *api) run(w http.ResponseWriter, r *http.Request) {
	done := make(chan struct{})
	defer close(done)
	go func() { // want: fanout CONCERN
		<-done
		remove(r.URL.Path)
	}()
	_, _ = w.Write([]byte("ok"))
}

// fine: what watches over the call ends with it
func (a *api) watch(w http.ResponseWriter, r *http.Request) {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-r.Context().Done():
			note("gave up")
		case <-done:
			return
		}
	}()
	_, _ = w.Write([]byte("ok"))
}

func note(text string) {}

func subscribed(id string) func() { return func() { note(id) } }

// fine: what is started as the call ends only clears up
func (a *api) follow(w http.ResponseWriter, r *http.Request) {
	unsubscribe := subscribed(r.URL.Path)
	defer func() { go unsubscribe() }()
	_, _ = w.Write([]byte("ok"))
}

// Nobody reads the result when the request ends first.
func (a *api) wait(w http.ResponseWriter, r *http.Request) {
	result := make(chan string)
	go func() { // want: fanout CONCERN
		remove(r.URL.Path)
		result <- "removed"
	}()
	select {
	case text := <-result:
		_, _ = w.Write([]byte(text))
	case <-r.Context().Done():
		return
	}
}

// The reporter may sleep long after the work has ended.
func (a *api) slow(w http.ResponseWriter, r *http.Request) {
	finished := make(chan bool)
	go func() { // want: fanout CONCERN
		for {
			select {
			case <-finished:
				return
			default:
				time.Sleep(30 * time.Second)
			}
		}
	}()
	remove(r.URL.Path)
	close(finished)
}

func (t *table) watch() chan struct{} {
	done := make(chan struct{})
	go func() { // want: fanout CONCERN
		ticker := time.NewTicker(time.Second)
		for {
			select {
			case <-ticker.C:
				t.rows = nil
			case <-done:
				return
			}
		}
	}()
	return done
}

// Each new key gets a goroutine that stays.
func (a *api) push(w http.ResponseWriter, r *http.Request) {
	if _, ok := a.tables[r.URL.Path]; !ok {
		one := &table{}
		one.watch()
		a.tables[r.URL.Path] = one
	}
}

// The pause ends with the context: nothing stays behind.
func (a *api) patient(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(30 * time.Second): // fine: it listens while it waits
			}
		}
	}()
	remove(r.URL.Path)
	cancel()
}

func pending() []string { return os.Args[1:] }

func serve(a *api) {
	for _, id := range pending() {
		go remove(id) // want: fanout CONCERN
	}
	http.HandleFunc("/run", a.run)
	http.HandleFunc("/watch", a.watch)
	http.HandleFunc("/wait", a.wait)
	http.HandleFunc("/slow", a.slow)
	http.HandleFunc("/push", a.push)
	http.HandleFunc("/patient", a.patient)
	http.HandleFunc("/follow", a.follow)
	_ = http.ListenAndServe(":8080", nil)
}

func main() { serve(&api{tables: map[string]*table{}}) }
