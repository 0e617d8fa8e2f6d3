// The limits of one type of a library say nothing of another type: ten attempts belong to a writer, not to a dialer.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/segmentio/kafka-go"
)

type relay struct{ writer *kafka.Writer }

func (r *relay) handle(w http.ResponseWriter, req *http.Request) {
	// 10 × 10 s + (0.1 + 0.4 + 0.9 + 6 × 1) s
	r.writer.WriteMessages(context.Background(), kafka.Message{Value: []byte("x")}) // want: kafka GOOD attempts=10 timeout_s=10 worst_case_s=107.4
}

func brokers() error {
	dialer := &kafka.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(context.Background(), "tcp", "broker:9092") // want: kafka GOOD attempts=1 timeout_s=5 worst_case_s=5
	if err != nil {
		return err
	}
	return conn.Close()
}

func main() {
	r := &relay{&kafka.Writer{Addr: kafka.TCP("broker:9092"), Topic: "orders"}}
	if err := brokers(); err != nil {
		panic(err)
	}
	http.HandleFunc("/orders", r.handle)
	http.ListenAndServe(":8080", nil)
}
