package main

import (
	"context"
	"net/http"

	"example.org/inhouse/cache"
)

type api struct {
	cache cache.Cache
}

// fine: what the call is given names the entries that go
func (a *api) write(w http.ResponseWriter, r *http.Request) {
	a.cache.Flush(cache.Flusher(r.URL.Host).Scopes(r.URL.Path))
}

// A context names none.
func (a *api) rename(w http.ResponseWriter, r *http.Request) {
	a.cache.Flush(context.Background()) // want: cache_bound CONCERN
}

func main() {
	a := &api{cache: cache.New()}
	http.HandleFunc("/write", a.write)
	http.HandleFunc("/rename", a.rename)
	http.ListenAndServe(":8080", nil)
}
