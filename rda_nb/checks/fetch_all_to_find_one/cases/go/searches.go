package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type server struct{ queue *sqs.Client }

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.find(r.Context(), r.URL.Path)
	s.filtered(r.Context(), r.URL.Path)
	s.all(r.Context(), r.URL.Path)
}

func (s *server) find(ctx context.Context, name string) (string, bool) {
	out, err := s.queue.ListQueues(ctx, &sqs.ListQueuesInput{}) // want: n_plus_one CONCERN
	if err != nil {
		return "", false
	}
	for _, url := range out.QueueUrls {
		if url == name {
			return url, true
		}
	}
	return "", false
}

// filtered asks for those that begin with the name.
func (s *server) filtered(ctx context.Context, name string) string {
	out, _ := s.queue.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(name)})
	for _, url := range out.QueueUrls {
		if url == name {
			return url
		}
	}
	return ""
}

// all needs them all.
func (s *server) all(ctx context.Context, name string) int {
	out, _ := s.queue.ListQueues(ctx, &sqs.ListQueuesInput{})
	seen := 0
	for _, url := range out.QueueUrls {
		if url != name {
			seen++
		}
	}
	return seen
}

func main() {
	s := &server{}
	http.HandleFunc("/", s.handle)
	http.ListenAndServe(":8080", nil)
}
