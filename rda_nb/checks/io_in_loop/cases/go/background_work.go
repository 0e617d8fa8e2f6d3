package main

import (
	"net/http"
	"time"
)

type janitor struct{ web *http.Client }

// Off the paths of requests, a call per item is noted in the table without a finding.
func (j *janitor) run(list func() []string) {
	ticker := time.NewTicker(time.Minute)
	for range ticker.C {
		for _, id := range list() {
			j.web.Get("http://store/" + id) // want: n_plus_one CONCERN quiet=true
		}
	}
}

func main() {
	j := &janitor{web: &http.Client{Timeout: time.Second}}
	j.run(func() []string { return nil })
}
