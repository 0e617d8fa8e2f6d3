// A client built through option functions and an interface: the timeout is found where the option is given.
package main

import (
	"net/http"
	"time"
)

type doer interface {
	Do(*http.Request) (*http.Response, error)
}

type option func(*service)

type service struct{ http doer }

func withTimeout(limit time.Duration) option {
	return func(s *service) { s.http = &http.Client{Timeout: limit} }
}

func newService(options ...option) *service {
	s := &service{}
	for _, apply := range options {
		apply(s)
	}
	return s
}

func (s *service) handle(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://inventory/", nil)
	s.http.Do(request) // want: http GOOD timeout_s=7 worst_case_s=7
}

func main() {
	s := newService(withTimeout(7 * time.Second))
	http.HandleFunc("/stock", s.handle)
	http.ListenAndServe(":8080", nil)
}
