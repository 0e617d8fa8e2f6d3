// A client of metrics that the service keeps behind an interface of its own, and gives to a variable of that type.
package main

import (
	"net/http"
	"time"

	"github.com/DataDog/datadog-go/statsd"
)

type reporter interface {
	Incr(name string, tags []string, rate float64) error
	Timing(name string, value time.Duration, tags []string, rate float64) error
}

type stats struct{ client reporter }

func newStats(client reporter) (*stats, error) {
	if client == nil {
		buffered, err := statsd.NewBuffered("localhost:8125", 10)
		if err != nil {
			return nil, err
		}
		client = buffered
	}
	return &stats{client: client}, nil
}

func (s *stats) serve(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	s.client.Incr("requests_total", []string{"path:/"}, 1)                                // want: throughput GOOD metric=requests_total
	s.client.Timing("request_seconds", time.Since(started), []string{"path:/"}, 1) // want: latency GOOD metric=request_seconds
}

func main() {
	s, err := newStats(nil)
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", s.serve)
	http.ListenAndServe(":8080", nil)
}
