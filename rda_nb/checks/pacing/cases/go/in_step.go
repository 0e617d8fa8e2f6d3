package main

import (
	"context"
	"errors"
	"math/rand"
	"net/http"
	"time"
)

const attempts = 4

type client struct{ http *http.Client }

func main() {
	c := &client{http: &http.Client{Timeout: time.Second}}
	http.HandleFunc("/constant", c.constant)
	http.HandleFunc("/growing", c.growing)
	http.HandleFunc("/jittered", c.jittered)
	http.HandleFunc("/drawn", c.drawn)
	go c.watch()
	_ = http.ListenAndServe(":8080", nil)
}

func (c *client) get(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices", nil)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func (c *client) constant(w http.ResponseWriter, r *http.Request) {
	for attempt := 0; attempt < attempts; attempt++ {
		if c.get(r.Context()) == nil {
			return
		}
		time.Sleep(200 * time.Millisecond) // want: backoff CONCERN value=0.2
	}
}

func (c *client) growing(w http.ResponseWriter, r *http.Request) {
	pause := 100 * time.Millisecond
	for attempt := range attempts {
		if c.get(r.Context()) == nil || attempt == attempts-1 {
			return
		}
		time.Sleep(pause) // want: backoff CONCERN
		pause *= 2
	}
}

// A part of the pause is drawn.
func (c *client) jittered(w http.ResponseWriter, r *http.Request) {
	for attempt := 0; attempt < attempts; attempt++ {
		if c.get(r.Context()) == nil {
			return
		}
		time.Sleep(100*time.Millisecond + time.Duration(rand.Int63n(int64(time.Second))))
	}
}

func (c *client) drawn(w http.ResponseWriter, r *http.Request) {
	for attempt := 0; attempt < attempts; attempt++ {
		if c.get(r.Context()) == nil {
			return
		}
		time.Sleep(pause(attempt))
	}
}

func pause(attempt int) time.Duration {
	return time.Duration(rand.Int63n(int64(time.Second) << attempt))
}

// One loop of the process alone: there is nobody to be in step with.
func (c *client) watch() {
	for attempt := 0; attempt < attempts; attempt++ {
		if !errors.Is(c.get(context.Background()), context.Canceled) {
			return
		}
		time.Sleep(time.Second)
	}
}
