package main

import "net/http"

type sender struct {
	batches map[string][]string
	names   []string
	known   map[string]int
}

// What is let go of when the whole ends had grown until then.
func (s *sender) Stop() {
	s.batches = nil
}

func (s *sender) send(w http.ResponseWriter, r *http.Request) {
	dataset := r.FormValue("dataset")
	s.batches[dataset] = []string{"first"} // want: cache_bound CONCERN bounded=false
}

// One element for each name that there is: few or many, never one per request.
func (s *sender) intern(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.known[r.Method]; !ok {
		s.names = append(s.names, r.Method) // want: queue_bound CONCERN quiet=true
		s.known[r.Method] = 1               // want: cache_bound CONCERN quiet=true
	}
}

func main() {
	s := &sender{batches: map[string][]string{}, known: map[string]int{}}
	http.HandleFunc("/send", s.send)
	http.HandleFunc("/intern", s.intern)
	http.ListenAndServe(":8080", nil)
	s.Stop()
}
