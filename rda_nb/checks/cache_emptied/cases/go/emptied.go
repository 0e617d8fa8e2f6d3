package main

import (
	"net/http"

	lru "github.com/hashicorp/golang-lru"
)

type api struct {
	cache *lru.Cache
	young bool
}

func (a *api) write(w http.ResponseWriter, r *http.Request) {
	a.cache.Add(r.URL.Path, w)
	a.cache.Purge() // want: cache_bound CONCERN
}

func (a *api) reload(w http.ResponseWriter, r *http.Request) {
	a.cache.Remove(r.URL.Path) // fine: one entry
}

func (a *api) close() {
	a.cache.Purge() // fine: at the end, for nobody
}

func main() {
	cache, _ := lru.New(100)
	a := &api{cache: cache}
	http.HandleFunc("/write", a.write)
	http.HandleFunc("/reload", a.reload)
	_ = http.ListenAndServe(":8080", nil)
	a.close()
}
