// An entry that moves up to fill a gap adds nothing: the add is where a new one comes in.
package main

import "net/http"

type rib struct {
	routes map[int]string
}

func (r *rib) withdraw(gone string) {
	next := 0
	for at := 0; ; at++ {
		route, known := r.routes[at]
		if !known {
			return
		}
		if route == gone {
			delete(r.routes, at)
			continue
		}
		if at != next {
			r.routes[next] = route // fine: it stood under another key
			delete(r.routes, at)
		}
		next++
	}
}

func (r *rib) announce(w http.ResponseWriter, req *http.Request) {
	at := len(r.routes)
	r.withdraw(req.URL.Query().Get("gone"))
	r.routes[at] = req.URL.Path // want: cache_bound GOOD
}

func main() {
	table := &rib{routes: map[int]string{}}
	http.HandleFunc("/", table.announce)
	http.ListenAndServe(":8080", nil)
}
