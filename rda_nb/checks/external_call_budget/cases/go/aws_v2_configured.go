// Attempts set on the shared configuration, and a client timeout per attempt: 5 × 4 s and the sleeps between.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type store struct{ db *dynamodb.Client }

func (s *store) serve(w http.ResponseWriter, r *http.Request) {
	s.db.GetItem(context.WithoutCancel(r.Context()), &dynamodb.GetItemInput{}) // want: dynamodb GOOD timeout_s=4 attempts=5 worst_case_s=50
}

func main() {
	cfg, _ := config.LoadDefaultConfig(context.Background(),
		config.WithRetryMaxAttempts(5),
		config.WithHTTPClient(&http.Client{Timeout: 4 * time.Second}),
	)
	s := &store{db: dynamodb.NewFromConfig(cfg)}
	http.HandleFunc("/state", s.serve)
	http.ListenAndServe(":8080", nil)
}
