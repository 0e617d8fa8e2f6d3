package main

import "net/http"

type tuner struct {
	done    bool
	history []string
	all     []string
}

// Most requests leave before anything is added.
func (t *tuner) observe(path string) {
	if t.done {
		return
	}
	t.history = append(t.history, path) // want: queue_bound CONCERN
}

func (t *tuner) keep(path string) {
	t.all = append(t.all, path) // want: queue_bound RISK
}

func main() {
	t := &tuner{}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.observe(r.URL.Path)
		t.keep(r.URL.Path)
	})
	http.ListenAndServe(":8080", nil)
}
