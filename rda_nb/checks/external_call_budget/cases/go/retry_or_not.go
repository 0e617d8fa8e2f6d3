// A helper that retries only where it was told to: between one attempt and the library's count.
package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/avast/retry-go/v4"
)

var client = &http.Client{Timeout: 5 * time.Second}

type step struct{ retried bool }

func (s step) run(work func() error) error {
	if !s.retried {
		return work()
	}
	return retry.Do(work, retry.Attempts(3), retry.Delay(time.Second))
}

func report(s step) error {
	return s.run(func() error {
		_, err := client.Get("http://report/") // want: http GOOD attempts.low=1 attempts.high=3 worst_case_s=18.2
		return errors.Join(err)
	})
}

func main() {
	http.HandleFunc("/report", func(w http.ResponseWriter, r *http.Request) { report(step{}) })
	http.ListenAndServe(":8080", nil)
}
