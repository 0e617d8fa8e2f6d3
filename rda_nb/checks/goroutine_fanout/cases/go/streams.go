package main

import (
	"context"
	"net/http"
	"time"
)

type rule struct{ client *http.Client }

func (r *rule) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
			r.client.Get("http://rules")
		}
	}
}

type api struct {
	client *http.Client
	cancel context.CancelFunc
}

// The rows come through the channel that the caller reads to its end.
func (a *api) rows() (chan string, chan error) {
	rows := make(chan string, 1)
	errs := make(chan error, 1)
	go func() { // ok: fanout
		defer close(rows)
		_, err := a.client.Get("http://store/rows")
		errs <- err
	}()
	return rows, errs
}

func (a *api) export(w http.ResponseWriter, r *http.Request) {
	rows, _ := a.rows()
	for row := range rows {
		w.Write([]byte(row))
	}
}

// One task replaces the other: it lives on, but not one per request.
func (a *api) edit(w http.ResponseWriter, r *http.Request) {
	a.cancel()
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	task := &rule{client: a.client}
	go func() { // want: fanout CONCERN quiet=true
		task.run(ctx)
	}()
}

func subscribe() (chan string, func()) { return nil, func() {} }

func (a *api) watch(w http.ResponseWriter, r *http.Request) {
	_, leave := subscribe()
	defer func() { go leave() }() // ok: fanout
}

func main() {
	a := &api{client: &http.Client{}}
	http.HandleFunc("/export", a.export)
	http.HandleFunc("/edit", a.edit)
	http.HandleFunc("/watch", a.watch)
	http.ListenAndServe(":8080", nil)
}
