// A consumer's loop takes the next delivery each round, and a heartbeat beats again after success: neither tries again.
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/cenk/backoff"
	amqp "github.com/rabbitmq/amqp091-go"
)

type queue struct {
	deliveries <-chan amqp.Delivery
	client     *http.Client
}

func (q *queue) consume(ctx context.Context) {
	retryable := 0
	for {
		if time.Since(started).Hours() > 24 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
			continue
		case delivery, ok := <-q.deliveries:
			if !ok {
				return
			}
			if len(delivery.Body) == 0 {
				retryable++
				delivery.Ack(false) // want: rabbitmq GOOD attempts=1
				continue
			}
			q.finish(delivery)
		}
	}
}

func (q *queue) finish(delivery amqp.Delivery) {
	delivery.Nack(false, true) // want: rabbitmq GOOD attempts=1
}

// A try again within the work on one delivery stays one.
func (q *queue) drain() {
	for delivery := range q.deliveries {
		for attempt := 0; attempt < 3; attempt++ {
			response, err := q.client.Get("http://jobs/" + delivery.MessageId) // want: http GOOD attempts=3
			if err == nil {
				response.Body.Close()
				break
			}
			time.Sleep(time.Second)
		}
	}
}

// The older name of a retry library; the loop around it beats again after each success.
func (q *queue) heartbeat(ctx context.Context) {
	policy := backoff.NewExponentialBackOff()
	policy.MaxInterval = 10 * time.Second
	policy.MaxElapsedTime = time.Minute
	for {
		err := backoff.Retry(func() error {
			return q.beat()
		}, policy)
		if err != nil {
			log.Println("no heartbeat")
			time.Sleep(time.Second)
			continue
		}
		select {
		case <-ctx.Done():
			return
		default:
			time.Sleep(30 * time.Second)
		}
	}
}

func (q *queue) beat() error {
	response, err := q.client.Get("http://heart/") // want: http GOOD worst_case_s=65
	if err != nil {
		return err
	}
	return response.Body.Close()
}

var started = time.Now()

func main() {
	q := &queue{client: &http.Client{Timeout: 5 * time.Second}}
	go q.consume(context.Background())
	go q.drain()
	go q.heartbeat(context.Background())
	http.ListenAndServe(":8080", nil)
}
