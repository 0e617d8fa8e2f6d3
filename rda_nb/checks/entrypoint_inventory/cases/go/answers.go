// A request that is answered over a channel waits for whoever takes from it; one that only leaves a note does not.
package main

import (
	"context"
	"net/http"
	"os"
	"time"
)

type question struct {
	ctx     context.Context
	name    string
	results chan string
}

type backend struct {
	asked  chan *question
	noted  chan string
	client *http.Client
}

func (b *backend) work() { // want: stream_processor GOOD
	for q := range b.asked {
		resp, err := b.client.Get("http://peer/" + q.name)
		if err != nil {
			q.results <- err.Error()
			continue
		}
		resp.Body.Close()
		q.results <- resp.Status
	}
}

func (b *backend) keep() { // want: stream_processor GOOD
	for name := range b.noted {
		resp, err := b.client.Get("http://store/" + name)
		if err == nil {
			resp.Body.Close()
		}
	}
}

func (b *backend) send(ctx context.Context, name string, results chan string) {
	b.asked <- &question{ctx, name, results}
}

func ask(ctx context.Context, backends []*backend, name string) []string {
	results := make(chan string, len(backends))
	for _, b := range backends {
		b.send(ctx, name, results)
	}
	found := make([]string, 0, len(backends))
	for range backends {
		found = append(found, <-results)
	}
	return found
}

type api struct{ backends []*backend }

func (a *api) info(w http.ResponseWriter, r *http.Request) {
	for _, text := range ask(r.Context(), a.backends, r.URL.Path) {
		w.Write([]byte(text))
	}
}

func (a *api) note(w http.ResponseWriter, r *http.Request) {
	a.backends[0].noted <- r.URL.Path
}

func (a *api) rules(w http.ResponseWriter, r *http.Request) {
	text, _ := os.ReadFile("rules.yaml")
	w.Write(text)
}

func main() {
	b := &backend{make(chan *question, 8), make(chan string, 8), &http.Client{Timeout: time.Second}}
	go b.work()
	go b.keep()
	a := &api{[]*backend{b}}
	http.HandleFunc("/info", a.info)   // want: api_route GAP claim=/info_waits_for_an_answer_over_backend.asked_(answers.go:45):_channel_loop:_backend.work,_which_takes_from_it,_waits_for_http.
	http.HandleFunc("/note", a.note)   // want: api_route GOOD claim=/note_reaches_no_blocking_IO_that_the_target_shows.
	http.HandleFunc("/rules", a.rules) // want: api_route GOOD claim=/rules_waits_for_files_(`os.ReadFile`_at_answers.go:73);_no_other_blocking_IO_that_the_target_shows.
	http.ListenAndServe(":8080", nil)
}
