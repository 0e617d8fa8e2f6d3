package main

import (
	"context"
	"net/http"
	"time"
)

func handle(w http.ResponseWriter, r *http.Request) {
	abandoned(r.Context())
	buffered(r.Context())
	gaveUp(r.Context())
	waited()
}

func abandoned(ctx context.Context) string {
	answer := make(chan string)
	go func() {
		answer <- ask() // want: blocking_in_async RISK
	}()
	select {
	case found := <-answer:
		return found
	case <-ctx.Done():
		return ""
	}
}

// buffered lets the sender end although nobody reads.
func buffered(ctx context.Context) string {
	answer := make(chan string, 1)
	go func() { answer <- ask() }()
	select {
	case found := <-answer:
		return found
	case <-time.After(time.Second):
		return ""
	}
}

func gaveUp(ctx context.Context) string {
	answer := make(chan string)
	go func() {
		select {
		case answer <- ask():
		case <-ctx.Done():
		}
	}()
	select {
	case found := <-answer:
		return found
	case <-ctx.Done():
		return ""
	}
}

func waited() string {
	answer := make(chan string)
	go func() { answer <- ask() }()
	return <-answer
}

func ask() string { return "" }

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
