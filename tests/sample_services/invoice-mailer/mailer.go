package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

const (
	mailAttempts = 3
	firstPause   = 200 * time.Millisecond
)

// Mailer talks to the mail service.
type Mailer struct {
	http  *http.Client
	limit *rate.Limiter
	url   string
}

// Send mails one invoice; a busy mail service is asked again a few times.
func (m *Mailer) Send(ctx context.Context, job Job) error {
	var err error
	pause := firstPause
	for attempt := 0; attempt < mailAttempts; attempt++ {
		if attempt > 0 {
			time.Sleep(pause)
			pause *= 2
		}
		if err = m.limit.Wait(ctx); err != nil {
			return err
		}
		if err = m.post(ctx, job); err == nil {
			return nil
		}
	}
	return err
}

func (m *Mailer) post(ctx context.Context, job Job) error {
	body, err := json.Marshal(job)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := m.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("mail service: %s", resp.Status)
	}
	return nil
}
