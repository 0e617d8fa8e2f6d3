package main

import (
	"net/http"
	"time"
)

type samples struct {
	counters map[string]int
	names    []string
}

func newSamples() *samples {
	return &samples{counters: map[string]int{}}
}

// fine: what is sampled goes with the whole of it
func (s *samples) add(request string) {
	s.counters[request]++
	s.counters[request] = 1                // want: cache_bound GOOD
	s.names = append(s.names, request) // want: queue_bound GOOD
}

type worker struct {
	current *samples
}

func (w *worker) flush() *samples {
	before := w.current
	w.current = newSamples()
	return before
}

// Nothing takes away from what a fleet adds to, slowly.
type fleet struct {
	gateways map[string]time.Time
}

func (f *fleet) seen(gatewayID string) {
	f.gateways[gatewayID] = time.Now() // want: cache_bound CONCERN bounded=false
}

func main() {
	w := &worker{current: newSamples()}
	f := &fleet{gateways: map[string]time.Time{}}
	http.HandleFunc("/event", func(rw http.ResponseWriter, r *http.Request) {
		w.current.add(r.FormValue("request"))
		f.seen(r.FormValue("gateway"))
	})
	go func() {
		for range time.Tick(time.Minute) {
			w.flush()
		}
	}()
	server := &http.Server{Addr: ":8080", ReadTimeout: 5 * time.Second}
	server.ListenAndServe()
}
