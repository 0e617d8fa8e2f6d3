// A client whose session, configuration and retryer are made by constructors that a container calls.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sqs"
	"go.uber.org/fx"
)

const maxRetries = 2

type retryer struct{ client.DefaultRetryer }

func newConfig() *aws.Config {
	return &aws.Config{
		Region:     aws.String("eu-west-1"),
		HTTPClient: &http.Client{Timeout: 10 * time.Second},
		Retryer: &retryer{client.DefaultRetryer{
			NumMaxRetries:    maxRetries,
			MinThrottleDelay: 100 * time.Millisecond,
			MaxThrottleDelay: time.Second,
		}},
	}
}

type sessionParams struct {
	fx.In
	Config *aws.Config
}

func newSession(params sessionParams) (*session.Session, error) { return session.NewSession(params.Config) }

type queueParams struct {
	fx.In
	Session *session.Session
}

type queue struct{ client *sqs.SQS }

func newQueue(params queueParams) *queue { return &queue{client: sqs.New(params.Session)} }

// Two retries are three attempts; after throttling the pauses are 0.2 s and 0.4 s at most.
func (q *queue) send(ctx context.Context, body string) error {
	_, err := q.client.SendMessageWithContext(ctx, &sqs.SendMessageInput{MessageBody: &body}) // want: sqs GOOD timeout_s=10 attempts=3 worst_case_s=30.6
	return err
}

func serve(q *queue) {
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) { q.send(r.Context(), "x") })
	http.ListenAndServe(":8080", nil)
}

func main() { fx.New(fx.Provide(newConfig, newSession, newQueue), fx.Invoke(serve)).Run() }
