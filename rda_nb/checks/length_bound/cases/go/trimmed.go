package main

import "net/http"

type recent struct {
	queue []string
	most  int
}

func newRecent() *recent { return &recent{most: 5} }

func (q *recent) push(w http.ResponseWriter, r *http.Request) {
	q.queue = append(q.queue, r.URL.Path)
	if len(q.queue) >= q.most { // want: queue_bound GOOD value=4
		q.queue = q.queue[1:]
	}
}

type window struct{ kept []string }

func (q *window) push(w http.ResponseWriter, r *http.Request) {
	if len(q.kept) >= 16 { // want: queue_bound GOOD value=16
		q.kept = q.kept[1:]
	}
	q.kept = append(q.kept, r.URL.Path)
}

func main() {
	http.HandleFunc("/a", newRecent().push)
	http.HandleFunc("/b", (&window{}).push)
	_ = http.ListenAndServe(":8080", nil)
}
