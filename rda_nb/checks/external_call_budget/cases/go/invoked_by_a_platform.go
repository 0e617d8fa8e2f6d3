package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

var client = &http.Client{}

// The platform gives the context the deadline of the invocation, and ends what does not take it.
func handle(ctx context.Context, event events.SQSEvent) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://ledger.internal/next", nil)
	if err != nil {
		return err
	}
	if response, err := client.Do(request); err == nil { // want: http CONCERN worst_case=900
		response.Body.Close()
	}
	if response, err := client.Get("http://ledger.internal/other"); err == nil { // want: http CONCERN bounded=false
		response.Body.Close()
	}
	return nil
}

func main() {
	lambda.Start(handle)
}
