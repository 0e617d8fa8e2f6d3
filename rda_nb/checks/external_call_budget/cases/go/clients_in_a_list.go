package main

import (
	"net/http"
	"os"
	"time"
)

type replicas struct {
	bounded []*http.Client
	open    []*http.Client
}

// Each client of the list is made here, with its limit.
func newReplicas(names []string) *replicas {
	r := &replicas{}
	for range names {
		client := &http.Client{}
		client.Timeout = 3 * time.Second
		r.bounded = append(r.bounded, client)
		r.open = append(r.open, &http.Client{})
	}
	return r
}

func (r *replicas) serve(w http.ResponseWriter, req *http.Request) {
	for _, client := range r.bounded {
		client.Get("http://replica" + req.URL.Path) // want: http GOOD timeout_s=3
	}
	for i := range r.bounded {
		r.bounded[i].Get("http://replica" + req.URL.Path) // want: http GOOD timeout_s=3
	}
	for _, client := range r.open {
		client.Get("http://replica" + req.URL.Path) // want: http CONCERN bounded=false
	}
}

func main() {
	http.HandleFunc("/", newReplicas(os.Args[1:]).serve)
	http.ListenAndServe(":8080", nil)
}
