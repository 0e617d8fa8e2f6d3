// A helper tries again whichever of several senders it is given, through their interface, when it is told how often.
package main

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/sethvargo/go-retry"
)

type sender interface {
	Send(ctx context.Context, text string) error
}

type chat struct{ client *http.Client }

func (c *chat) Send(ctx context.Context, text string) error {
	response, err := c.client.Post("http://chat/", "text/plain", bytes.NewBufferString(text)) // want: http GOOD attempts=4
	if err != nil {
		return err
	}
	return response.Body.Close()
}

type pager struct{ client *http.Client }

// Nobody calls it through the helper.
func (p *pager) Ring(text string) error {
	response, err := p.client.Post("http://pager/", "text/plain", bytes.NewBufferString(text)) // want: http GOOD attempts=1
	if err != nil {
		return err
	}
	return response.Body.Close()
}

type mail struct{}

func (m *mail) Send(ctx context.Context, text string) error { return nil }

type silent struct{}

func (s *silent) Send(ctx context.Context, text string) error { return nil }

type printed struct{}

func (p *printed) Send(ctx context.Context, text string) error { return nil }

type all struct {
	senders []sender
	again   bool
}

func (a *all) Send(ctx context.Context, text string) error {
	for i := range a.senders {
		if err := a.retry(ctx, func() error { return a.senders[i].Send(ctx, text) }); err != nil {
			return err
		}
	}
	return nil
}

func (a *all) retry(ctx context.Context, send func() error) error {
	if a.again {
		policy := retry.WithMaxRetries(3, retry.NewConstant(time.Second))
		return retry.Do(ctx, policy, func(ctx context.Context) error { return retry.RetryableError(send()) })
	}
	return send()
}

func main() {
	client := &http.Client{Timeout: 2 * time.Second}
	told := &all{senders: []sender{&chat{client: client}, &mail{}, &silent{}, &printed{}}, again: true}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		told.Send(r.Context(), "received")
		(&pager{client: client}).Ring("received")
	})
	http.ListenAndServe(":8080", nil)
}
