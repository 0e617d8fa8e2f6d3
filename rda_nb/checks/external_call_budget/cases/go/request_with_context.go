// The context that a request is given afterwards governs it, wherever the request was built.
package main

import (
	"context"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 30 * time.Second}

func build(ctx context.Context) (*http.Request, error) {
	request, err := http.NewRequest(http.MethodGet, "http://hooks/", nil)
	if err != nil {
		return nil, err
	}
	return request.WithContext(ctx), nil
}

func notify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := build(ctx)
	if err != nil {
		return err
	}
	response, err := client.Do(request) // want: http GOOD timeout_s=5 worst_case_s=5
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// What one request is given says nothing of another: this one ends with its client's timeout.
func confirm(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://orders/", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request) // want: http GOOD timeout_s=30 worst_case_s=30
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 2*time.Second)
}

// A helper that tightens the context it is given.
func count(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://counts/", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request) // want: http GOOD timeout_s=2 worst_case_s=2
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func main() {
	http.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) { count(r.Context()) })
	http.HandleFunc("/confirm", func(w http.ResponseWriter, r *http.Request) { confirm(r.Context()) })
	http.HandleFunc("/notify", func(w http.ResponseWriter, r *http.Request) { notify(r.Context()) })
	http.ListenAndServe(":8080", nil)
}
