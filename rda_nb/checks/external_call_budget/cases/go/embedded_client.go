package main

import (
	"context"
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// table is the client itself with methods of its own.
type table struct {
	*dynamodb.Client
}

func newTable(ctx context.Context) (*table, error) {
	client := awshttp.NewBuildableClient().WithTimeout(4 * time.Second)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(client))
	if err != nil {
		return nil, err
	}
	return &table{dynamodb.NewFromConfig(cfg)}, nil
}

func (t *table) find(ctx context.Context) error {
	_, err := t.Query(ctx, &dynamodb.QueryInput{}) // want: dynamodb GOOD attempts=3 worst_case_s=18
	return err
}

func (t *table) all(ctx context.Context) error {
	pages := dynamodb.NewQueryPaginator(t.Client, &dynamodb.QueryInput{})
	for pages.HasMorePages() {
		if _, err := pages.NextPage(ctx); err != nil { // want: dynamodb GOOD attempts=3 worst_case_s=18
			return err
		}
	}
	return nil
}

func main() {
	t, err := newTable(context.Background())
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.find(r.Context())
		t.all(r.Context())
	})
	http.ListenAndServe(":8080", nil)
}
