// A loop that polls for work and gives up after some errors in a row goes on after each success: it repeats no attempt.
package main

import (
	"context"
	"errors"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second}

func monitor(ctx context.Context, maxErrors int) error {
	attempts := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		default:
			_, err := client.Get("http://jobs/") // want: http GOOD attempts=1 worst_case_s=5
			if err != nil {
				attempts++
				if attempts >= maxErrors {
					return errors.New("too many errors in a row")
				}
				time.Sleep(time.Second)
				continue
			}
			attempts = 0
		}
	}
}

func main() {
	go http.ListenAndServe(":8080", nil)
	monitor(context.Background(), 10)
}
