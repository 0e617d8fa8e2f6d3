package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/segmentio/kafka-go"
)

var took = promauto.NewHistogram(prometheus.HistogramOpts{Name: "message_seconds"})

func consume(ctx context.Context, reader *kafka.Reader) {
	for {
		m, err := reader.FetchMessage(ctx) // want: queue_lag CONCERN
		if err != nil {
			return
		}
		started := time.Now()
		println(string(m.Value))
		// How long the work takes says nothing about how long the message waited.
		took.Observe(time.Since(started).Seconds())
	}
}

func main() {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{"kafka:9092"}, Topic: "orders", GroupID: "relay"})
	consume(context.Background(), reader)
}
