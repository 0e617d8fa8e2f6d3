package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

const workers = 8

type consumer struct {
	queue *sqs.Client
	jobs  chan string
	slots chan struct{}
}

func (c *consumer) poll(ctx context.Context) {
	for ctx.Err() == nil {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{})
		if err != nil {
			return
		}
		for _, message := range out.Messages {
			go c.deliver(*message.Body) // want: fanout RISK
		}
		for _, message := range out.Messages {
			c.slots <- struct{}{}
			go func() { // want: fanout GOOD value=16
				defer func() { <-c.slots }()
				c.deliver(*message.Body)
			}()
		}
		c.together(ctx, out.Messages)
	}
}

func (c *consumer) together(ctx context.Context, messages []types.Message) {
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, message := range messages {
		group.Go(func() error { // want: fanout GOOD value=4
			c.deliver(*message.Body)
			return nil
		})
	}
	group.Wait()
}

func (c *consumer) deliver(body string) { http.Get("http://sink/" + body) }

func (c *consumer) work() {
	for job := range c.jobs {
		c.deliver(job)
	}
}

func (c *consumer) dispatch() {
	for job := range c.jobs {
		go c.deliver(job) // want: fanout RISK bounded=false
	}
}

// How many work follows from how much there is.
func (c *consumer) spread(rows []string, configured func() int) {
	few := 1
	if len(rows) > 1000 {
		few = 6
	}
	for i := 0; i < few; i++ {
		go c.work() // want: concurrency GOOD value.low=1 value.high=6
	}
	some := configured()
	if len(rows) < some {
		some = 1
	}
	for i := 0; i < some; i++ {
		go c.work() // want: concurrency GOOD value.state=unknown
	}
}

func main() {
	c := &consumer{jobs: make(chan string, 10), slots: make(chan struct{}, 16)}
	for i := 0; i < workers; i++ {
		go c.work() // want: concurrency GOOD value=8
	}
	c.spread(nil, func() int { return len(c.jobs) })
	go c.dispatch() // want: concurrency GOOD value=1
	c.poll(context.Background())
}
