package main

import (
	"context"
	"log/slog"
	"math/rand"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type poller struct {
	client *sqs.Client
	url    string
	open   atomic.Bool
}

func (p *poller) allowed() bool { return p.open.Load() }

func (p *poller) spinning(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url), WaitTimeSeconds: 20})
		if err != nil { // want: backoff RISK bounded=false
			slog.Warn("receive failed", "error", err)
			continue
		}
		p.handle(out)
	}
}

// The receive stands in a helper of its own, with its deadline.
func (p *poller) next(ctx context.Context) (*sqs.ReceiveMessageOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url), WaitTimeSeconds: 20})
}

func (p *poller) helped(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := p.next(ctx)
		if err != nil { // want: backoff RISK bounded=false
			slog.Warn("receive failed", "error", err)
			continue
		}
		p.handle(out)
	}
}

func (p *poller) gated(ctx context.Context) {
	for {
		if !p.allowed() { // want: backoff RISK bounded=false
			select {
			case <-ctx.Done():
				return
			default:
			}
			continue
		}
		out, err := p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url)})
		if err != nil {
			return
		}
		p.handle(out)
	}
}

// Each failure waits longer, up to half a minute.
func (p *poller) patient(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		out, err := p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url)})
		if err != nil { // ok: backoff
			failures++
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause(failures)): // want: backoff GOOD
			}
			continue
		}
		failures = 0
		p.handle(out)
	}
}

// The wait stands in a function of its own.
func (p *poller) indirect(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url)})
		if err != nil { // ok: backoff
			p.rest()
			continue
		}
		p.handle(out)
	}
}

func (p *poller) rest() {
	time.Sleep(3 * time.Second) // ok: not in a loop of its own
}

// A tick comes before each try.
func (p *poller) ticking(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second) // want: poll_interval GOOD value=5
	for {
		<-tick.C
		out, err := p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url)})
		if err != nil { // ok: backoff
			continue
		}
		p.handle(out)
	}
}

// It unwraps what it holds: each turn is another one.
func unwrap(value any) any {
	for {
		if inner, ok := value.(interface{ Unwrap() any }); ok { // ok: backoff
			value = inner.Unwrap()
			continue
		}
		return value
	}
}

func pause(failures int) time.Duration {
	return time.Duration(rand.Intn(1+failures)) * time.Second
}

func (p *poller) handle(out *sqs.ReceiveMessageOutput) {
	for _, m := range out.Messages {
		http.Get("http://sink/" + unwrap(*m.Body).(string))
	}
}

type writer struct {
	rows  []string
	every time.Duration
	in    chan string
}

func (w *writer) run(ctx context.Context) {
	tick := time.NewTicker(w.every) // want: flush_interval GOOD value=2
	defer tick.Stop()
	for {
		select {
		case row := <-w.in:
			w.rows = append(w.rows, row)
		case <-tick.C:
			w.flush()
		case <-ctx.Done():
			return
		}
	}
}

func (w *writer) flush() { w.rows = nil }

func main() {
	ctx := context.Background()
	p := &poller{client: &sqs.Client{}}
	w := &writer{every: 2 * time.Second}
	go w.run(ctx)
	go p.spinning(ctx)
	go p.helped(ctx)
	go p.gated(ctx)
	go p.patient(ctx)
	go p.ticking(ctx)
	p.indirect(ctx)
}

// A ticker without a name is told apart by what its loop does.
func (p *poller) reports(ctx context.Context) {
	for range time.Tick(10 * time.Second) { // want: poll_interval GOOD value=10
		slog.Info("still here", "url", p.url)
	}
}

func (p *poller) saves(buffer *rows) {
	for range time.Tick(3 * time.Second) { // want: flush_interval GOOD value=3
		buffer.flush()
	}
}

type rows struct{ held []string }

func (r *rows) flush() { r.held = r.held[:0] }
