package main

import (
	"context"
	"net/http"
)

type consumer struct {
	handle func(context.Context, []byte) error
}

func (c *consumer) serve(w http.ResponseWriter, r *http.Request) { // ok: what the function value does is not known, so it is a gap
	c.handle(r.Context(), nil)
}

func ping(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }

func start(handle func(context.Context, []byte) error) {
	c := &consumer{handle: handle}
	http.HandleFunc("/push", c.serve) // want: api_route GAP
	http.HandleFunc("/ping", ping)    // want: api_route GOOD
	http.ListenAndServe(":8080", nil)
}
