package main

import (
	"net/http"
	"sync"
)

type index struct {
	layouts  sync.Map
	visitors sync.Map
}

// What callers give decides: fields of a schema are few, sessions come with the traffic.
func (i *index) keep(key, layout string) {
	i.layouts.Store(key, layout) // want: cache_bound CONCERN quiet=true
}

func (i *index) greet(key string) {
	i.visitors.Store(key, true) // want: cache_bound CONCERN quiet=false
}

func (i *index) handle(w http.ResponseWriter, r *http.Request) {
	for _, columnName := range []string{"at", "until"} {
		i.keep(columnName, "2006-01-02")
	}
	sessionID := r.Header.Get("X-Session")
	i.greet(sessionID)
}

func main() {
	i := &index{}
	http.HandleFunc("/", i.handle)
	http.ListenAndServe(":8080", nil)
}
