// A metric that is found by its name is registered once; one that is named where it is counted is defined nowhere.
package main

import (
	"net/http"
	"time"

	"github.com/DataDog/datadog-go/v5/statsd"
	vm "github.com/VictoriaMetrics/metrics"
	"github.com/rcrowley/go-metrics"
)

type handler struct{ client *statsd.Client }

func timed(name string, since time.Time) {
	metrics.GetOrRegisterTimer(name, metrics.DefaultRegistry).UpdateSince(since) // fine: the timer of that name
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	metrics.GetOrRegisterMeter("requests", metrics.DefaultRegistry).Mark(1) // fine: the meter of that name
	vm.GetOrCreateCounter(`requests_total{path="/"}`).Inc()                 // fine: the counter of that name
	h.client.Incr("requests", []string{"path:/"}, 1)                        // fine: sent, not defined
	extra := metrics.NewRegisteredCounter("extra", metrics.DefaultRegistry) // want: alloc_in_loop CONCERN
	extra.Inc(1)
	timed("request", started)
}

func main() {
	client, err := statsd.New("127.0.0.1:8125")
	if err != nil {
		panic(err)
	}
	h := &handler{client: client}
	http.HandleFunc("/", h.serve)
	http.ListenAndServe(":8080", nil)
}
