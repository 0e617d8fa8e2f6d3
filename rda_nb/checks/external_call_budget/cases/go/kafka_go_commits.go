// Commits have a timeout and tries of their own: what a reader is told is for its fetches.
package main

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{"broker:9092"}, Topic: "orders", GroupID: "orders",
		MaxAttempts: 20, ReadBatchTimeout: time.Minute, ReadBackoffMin: time.Second,
	})
	for {
		m, err := reader.FetchMessage(context.Background()) // want: kafka GOOD bounded=false
		if err != nil {
			return
		}
		// Three tries of 5 s with 0.1 s and 0.4 s between them.
		if err := reader.CommitMessages(context.Background(), m); err != nil { // want: kafka GOOD attempts=3 timeout_s=5 worst_case_s=15.5
			return
		}
	}
}
