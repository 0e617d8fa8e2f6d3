package main

import (
	"context"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type worker struct {
	queue *sqs.Client
	table *dynamodb.Client
}

func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := w.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, message := range out.Messages {
			w.lossy(ctx, message)
			w.careful(ctx, message)
		}
	}
}

func (w *worker) lossy(ctx context.Context, message types.Message) {
	if _, err := w.table.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("a")}); err != nil { // want: queue_consumer RISK
		log.Printf("put: %v", err)
	}
	w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{ReceiptHandle: message.ReceiptHandle})
}

func (w *worker) careful(ctx context.Context, message types.Message) {
	// ok: queue_consumer: the message stays in the queue when the write fails.
	if _, err := w.table.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("b")}); err != nil {
		log.Printf("put: %v", err)
		return
	}
	w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{ReceiptHandle: message.ReceiptHandle})
}

func main() {
	(&worker{sqs.New(sqs.Options{}), dynamodb.New(dynamodb.Options{})}).run(context.Background())
}
