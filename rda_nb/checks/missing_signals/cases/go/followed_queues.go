package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	inQueue = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "requests_in_queue"}, []string{"queue"})
	served  = promauto.NewCounter(prometheus.CounterOpts{Name: "requests_total"})
	spooled = promauto.NewGauge(prometheus.GaugeOpts{Name: "spooled"})
)

type job struct{ path string }

type app struct {
	fast  chan job
	spool chan job
}

func newApp() *app {
	return &app{
		fast:  make(chan job, 1000), // fine: a gauge is raised beside each send and lowered beside each receive
		spool: make(chan job, 1000), // want: saturation GAP
	}
}

func (a *app) handle(w http.ResponseWriter, r *http.Request) {
	served.Inc()
	a.fast <- job{r.URL.Path}
	inQueue.WithLabelValues("fast").Inc()
}

func (a *app) keep(w http.ResponseWriter, r *http.Request) {
	a.spool <- job{r.URL.Path}
	spooled.Inc()
}

func (a *app) work() {
	for {
		select {
		case one := <-a.fast:
			inQueue.WithLabelValues("fast").Dec()
			println(one.path)
		case one := <-a.spool: // this one only ever counts up
			println(one.path)
		}
	}
}

func main() {
	a := newApp()
	go a.work()
	http.HandleFunc("/fast", a.handle)
	http.HandleFunc("/spool", a.keep)
	http.ListenAndServe(":8080", nil)
}
