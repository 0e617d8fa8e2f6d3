// What a list or map of structs gives their fields is their value, where it leaves the type out of its elements too.
package main

import (
	"net/http"
	"time"
)

type source struct {
	url   string
	every time.Duration
}

var client = &http.Client{Timeout: time.Second}

var sources = map[string]source{
	"prices": {url: "http://prices", every: 30 * time.Second},
	"stock":  {url: "http://stock", every: 2 * time.Minute},
}

func (s source) poll() {
	for range time.Tick(s.every) { // want: poll_interval GOOD value.low=30 value.high=120
		if answer, err := client.Get(s.url); err == nil {
			answer.Body.Close()
		}
	}
}

func main() {
	for _, one := range sources {
		go one.poll()
	}
	select {}
}
