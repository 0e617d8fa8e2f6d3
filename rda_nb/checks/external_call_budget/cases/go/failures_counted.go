package main

import (
	"context"
	"net/http"
	"time"
)

const (
	mostFailures = 5
	pause        = 2 * time.Second
)

var client = &http.Client{Timeout: 3 * time.Second}

// The loop has no end of its own: it counts what failed, and gives up.
func deliver(ctx context.Context) {
	failed := 0
	for {
		_, err := client.Get("http://sink/") // want: http GOOD timeout_s=3 attempts=5 worst_case=23
		if err == nil {
			break
		}
		failed++
		if failed >= mostFailures {
			return
		}
		backoff := time.NewTimer(pause)
		select {
		case <-backoff.C:
		case <-ctx.Done():
			backoff.Stop()
			return
		}
	}
}

// What it counts here is told, and stops nothing.
func insist() {
	retries := 0
	for {
		_, err := client.Get("http://sink/") // want: http GAP
		if err == nil {
			break
		}
		retries++
		if retries >= mostFailures {
			println("still failing")
		}
		time.Sleep(pause)
	}
}

// A function that is run later is no pause.
func watch(stop chan struct{}) {
	for {
		time.AfterFunc(pause, func() { println("backoff is over") })
		client.Get("http://sink/health") // want: http GOOD attempts=1
		select {
		case <-stop:
			return
		default:
		}
	}
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		deliver(r.Context())
		insist()
	})
	go watch(make(chan struct{}))
	http.ListenAndServe(":8080", nil)
}
