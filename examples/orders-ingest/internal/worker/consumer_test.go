package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/prometheus/client_golang/prometheus"

	"go.example.com/orders-ingest/internal/config"
	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/sink"
	"go.example.com/orders-ingest/internal/store"
)

type fakeQueue struct {
	mu      sync.Mutex
	batches [][]types.Message
	deleted int
}

func (q *fakeQueue) ReceiveMessage(ctx context.Context, _ *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.batches) == 0 {
		q.mu.Unlock()
		<-ctx.Done()
		q.mu.Lock()
		return nil, ctx.Err()
	}
	next := q.batches[0]
	q.batches = q.batches[1:]
	return &sqs.ReceiveMessageOutput{Messages: next}, nil
}

func (q *fakeQueue) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deleted += len(in.Entries)
	return &sqs.DeleteMessageBatchOutput{}, nil
}

type fakeStates struct{ versions map[store.Key]int64 }

func (s fakeStates) LastVersions(context.Context, []store.Key) (map[store.Key]int64, error) {
	return s.versions, nil
}

func (s fakeStates) PutMany(context.Context, []store.State) error { return nil }

type fakePrices struct{}

func (fakePrices) ListPrice(context.Context, string, string, time.Time) (int64, error) {
	return 1999, nil
}

// fakeSink settles every submission at once, with its error.
type fakeSink struct{ err error }

func (s fakeSink) Submit(_ context.Context, submission sink.Submission) error {
	submission.Ack(s.err)
	return nil
}

func consume(t *testing.T, states fakeStates, rows fakeSink) *fakeQueue {
	t.Helper()
	body, err := os.ReadFile("../../testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	queue := &fakeQueue{batches: [][]types.Message{{{
		MessageId:     aws.String("1"),
		ReceiptHandle: aws.String("r-1"),
		Body:          aws.String(string(body)),
	}}}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	m := metrics.New(prometheus.NewRegistry())
	cfg := config.Config{WorkerConcurrency: 2, QueueDepth: 1, PollBatchSize: 10}
	consumer := NewConsumer(queue, cfg, NewProcessor(states, fakePrices{}, rows, m, log), m, log)

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := consumer.Run(ctx); err != nil {
		t.Fatalf("Run: %v", err)
	}
	return queue
}

func TestStoredMessageIsDeleted(t *testing.T) {
	if queue := consume(t, fakeStates{}, fakeSink{}); queue.deleted != 1 {
		t.Errorf("deleted %d, want 1", queue.deleted)
	}
}

func TestFailedFlushKeepsTheMessage(t *testing.T) {
	if queue := consume(t, fakeStates{}, fakeSink{err: errors.New("too many parts")}); queue.deleted != 0 {
		t.Errorf("deleted %d, want 0", queue.deleted)
	}
}

func TestDuplicateIsDeletedWithoutInsert(t *testing.T) {
	seen := fakeStates{versions: map[store.Key]int64{{TenantID: "shop-42", OrderID: "DE-00000004F2"}: 3}}
	if queue := consume(t, seen, fakeSink{err: errors.New("must not be asked")}); queue.deleted != 1 {
		t.Errorf("deleted %d, want 1", queue.deleted)
	}
}

func TestPollPauseGrowsAndIsCapped(t *testing.T) {
	for failures := 1; failures < 100; failures++ {
		if pause := pollPause(failures); pause <= 0 || pause > pollPauseMax {
			t.Fatalf("pollPause(%d) = %s", failures, pause)
		}
	}
}
