// A reader waits for its next message as long as its context lives; the attempts and timeouts of its client are not its end.
package main

import (
	"context"
	"log"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{"broker:9092"}, Topic: "orders", GroupID: "billing", MaxAttempts: 3,
		Dialer: &kafka.Dialer{Timeout: 5 * time.Second},
	})
	for {
		m, err := reader.FetchMessage(context.Background()) // want: kafka GOOD bounded=false attempts=1
		if err != nil {
			log.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err = reader.CommitMessages(ctx, m) // want: kafka GOOD worst_case_s=10
		cancel()
		if err != nil {
			log.Print(err)
		}
		if more, err := next(reader); err == nil {
			log.Print(more.Offset)
		}
	}
}

func next(reader *kafka.Reader) (kafka.Message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return reader.ReadMessage(ctx) // want: kafka GOOD worst_case_s=2
}
