package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/segmentio/kafka-go"
)

type consumer struct {
	reader *kafka.Reader
	client *http.Client
	last   atomic.Int64
}

// fine: the reader sleeps between its own tries before it gives an error back
func (c *consumer) run(ctx context.Context) {
	for {
		message, err := c.reader.ReadMessage(ctx)
		if err != nil {
			slog.Warn("read failed", "error", err)
			continue
		}
		c.client.Post("http://store/"+string(message.Key), "text/plain", nil)
	}
}

// fine: who loses the race finds a fresh time on the next turn
func (c *consumer) check(now int64) {
	for {
		last := c.last.Load()
		if now-last < 10 {
			return
		}
		if !c.last.CompareAndSwap(last, now) {
			continue
		}
		c.client.Get("http://store/health")
	}
}

// Nothing waits between two tries of a request.
func (c *consumer) ask(ctx context.Context) {
	for ctx.Err() == nil {
		answer, err := c.client.Get("http://store/next")
		if err != nil { // want: backoff CONCERN bounded=false
			continue
		}
		answer.Body.Close()
	}
}

func main() {
	c := &consumer{reader: kafka.NewReader(kafka.ReaderConfig{Topic: "orders"}), client: http.DefaultClient}
	go c.run(context.Background())
	go c.check(100)
	go c.ask(context.Background())
	http.ListenAndServe(":8080", nil)
}
