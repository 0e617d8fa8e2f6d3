// AWS SDK v2 makes three attempts and sets no timeout: only the caller's context ends them.
package main

import (
	"context"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type worker struct {
	queue *sqs.Client
	url   string
}

func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		receive, cancel := context.WithTimeout(ctx, 25*time.Second)
		out, err := w.queue.ReceiveMessage(receive, &sqs.ReceiveMessageInput{QueueUrl: &w.url}) // want: sqs GOOD timeout_s=25 attempts=3 worst_case_s=25
		cancel()
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, m := range out.Messages {
			w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle}) // want: sqs RISK bounded=false attempts=3
		}
	}
}

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	w := &worker{queue: sqs.NewFromConfig(cfg)}
	w.run(ctx)
}
