// The context of a queued task ends with the time that the queue gives it: the longest that any task is given, or the usual.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/hibiken/asynq"
)

type worker struct{ client *http.Client }

func (w *worker) mail(ctx context.Context, t *asynq.Task) error {
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://mail/"+t.Type(), nil)
	answer, err := w.client.Do(req) // want: http CONCERN worst_case_s=7200
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func main() {
	redis := asynq.RedisClientOpt{Addr: "redis:6379"}
	client := asynq.NewClient(redis)
	client.Enqueue(asynq.NewTask("short", nil), asynq.Timeout(time.Minute)) // want: redis GOOD attempts=4
	client.Enqueue(asynq.NewTask("long", nil), asynq.Timeout(2*time.Hour))  // want: redis GOOD attempts=4
	w := &worker{client: &http.Client{}}
	mux := asynq.NewServeMux()
	mux.HandleFunc("mail", w.mail)
	asynq.NewServer(redis, asynq.Config{Concurrency: 4}).Run(mux)
}
