package main

import (
	"os"
	"os/signal"
	"strconv"
)

const depth = 256

type event struct{ body []byte }

type pipeline struct {
	in   chan event
	out  chan event
	done chan struct{}
}

func newPipeline() *pipeline {
	return &pipeline{
		in:   make(chan event, depth), // want: queue_bound GOOD value=256
		out:  make(chan event),        // want: queue_bound GOOD value=0
		done: make(chan struct{}),     // ok: queue_bound
	}
}

func backlog() chan event {
	size, _ := strconv.Atoi(os.Getenv("BACKLOG"))
	spool := make(chan event, 2_000_000) // want: queue_bound CONCERN value=2000000
	_ = make(chan event, size)           // want: queue_bound GAP
	return spool
}

// One slot for each result: nothing ever waits in it.
func all(events []event) {
	results := make(chan event, len(events)) // ok: queue_bound
	for _, e := range events {
		go func() { results <- e }()
	}
}

func main() {
	stop := make(chan os.Signal, 1) // ok: queue_bound
	signal.Notify(stop, os.Interrupt)
	p := newPipeline()
	p.in <- event{}
	backlog()
	<-stop
}
