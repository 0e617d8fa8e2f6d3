package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	receiveBatch      = 10
	receiveWait       = 20
	visibilityTimeout = 120
	failedPoll        = 2 * time.Second
	deleteTimeout     = 5 * time.Second
)

// Job is one invoice to be mailed.
type Job struct {
	Invoice string
	To      string
	message types.Message
}

// Worker moves invoices from the queue to the mail service.
type Worker struct {
	sqs    *sqs.Client
	ledger *Ledger
	mailer *Mailer
	queue  string
	jobs   chan Job
}

func (w *Worker) poll(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := w.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(w.queue),
			MaxNumberOfMessages: receiveBatch,
			WaitTimeSeconds:     receiveWait,
			VisibilityTimeout:   visibilityTimeout,
		})
		if err != nil {
			slog.Warn("receive failed", "error", err)
			time.Sleep(failedPoll)
			continue
		}
		for _, m := range out.Messages {
			var job Job
			if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &job); err != nil {
				slog.Warn("job rejected", "error", err)
				continue
			}
			job.message = m
			w.jobs <- job
		}
	}
}

func (w *Worker) work(ctx context.Context) {
	for job := range w.jobs {
		if err := w.handle(ctx, job); err != nil {
			slog.Warn("job failed, it will come again", "error", err)
		}
	}
}

func (w *Worker) handle(ctx context.Context, job Job) error {
	sent, err := w.ledger.Sent(ctx, job.Invoice)
	if err != nil || sent {
		return err
	}
	if err := w.mailer.Send(ctx, job); err != nil {
		return err
	}
	if err := w.ledger.Mark(ctx, job.Invoice); err != nil {
		return err
	}
	return w.delete(ctx, job.message)
}

func (w *Worker) delete(ctx context.Context, m types.Message) error {
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	_, err := w.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{
		QueueUrl: aws.String(w.queue), ReceiptHandle: m.ReceiptHandle,
	})
	return err
}
