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

type early struct {
	queue *sqs.Client
	table *dynamodb.Client
}

func (e *early) run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := e.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, message := range out.Messages {
			e.handle(ctx, message)
		}
	}
}

func (e *early) handle(ctx context.Context, message types.Message) {
	if _, err := e.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{ReceiptHandle: message.ReceiptHandle}); err != nil { // want: queue_consumer RISK
		log.Print(err)
		return
	}
	e.table.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders")})
}

type late struct {
	queue *sqs.Client
	table *dynamodb.Client
}

func (l *late) run(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := l.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, message := range out.Messages {
			l.handle(ctx, message)
		}
	}
}

func (l *late) handle(ctx context.Context, message types.Message) {
	if message.Body == nil {
		// ok: a message that cannot be read is set aside; what can be read is written first.
		l.delete(ctx, message)
		return
	}
	if _, err := l.table.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders")}); err != nil {
		return
	}
	l.delete(ctx, message)
}

func (l *late) delete(ctx context.Context, message types.Message) {
	l.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{ReceiptHandle: message.ReceiptHandle})
}

func main() {
	queue, table := sqs.New(sqs.Options{}), dynamodb.New(dynamodb.Options{})
	go (&early{queue, table}).run(context.Background())
	(&late{queue, table}).run(context.Background())
}
