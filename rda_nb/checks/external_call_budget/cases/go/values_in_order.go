package main

import (
	"net/http"
	"time"
)

type limits struct {
	name    string
	timeout time.Duration
}

type service struct {
	limits limits
	client *http.Client
}

func newService(l limits) *service {
	return &service{l, &http.Client{Timeout: l.timeout}}
}

// The literal has no keys: its values stand in the order of the fields.
func (s *service) get() {
	s.client.Get("http://stock") // want: http GOOD timeout_s=15 worst_case_s=15
}

func main() {
	newService(limits{"stock", 15 * time.Second}).get()
}
