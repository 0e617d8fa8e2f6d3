// A goroutine that answers on one of two channels and ends: reading the one proves that nothing waits in the other.
package main

import (
	"context"
	"errors"
	"net/http"
)

func handle(w http.ResponseWriter, r *http.Request) {
	both()
	ready(r.Context())
	alternatives()
	twice()
}

func both() (string, error) {
	answer := make(chan string)
	failed := make(chan error)
	go func() {
		for {
			found, err := ask()
			if err != nil {
				failed <- err // fine: whoever reads the other channel reads what this goroutine sent last
				return
			}
			if found != "" {
				answer <- found // fine: as above
				return
			}
		}
	}()
	select {
	case found := <-answer:
		return found, nil
	case err := <-failed:
		return "", err
	}
}

func alternatives() (string, error) {
	answer := make(chan string)
	failed := make(chan error)
	go func() {
		found, err := ask()
		if err != nil {
			failed <- err // fine
		} else {
			answer <- found // fine
		}
	}()
	select {
	case err := <-failed:
		return "", err
	case found := <-answer:
		return found, nil
	}
}

// One goroutine is one finding, on whichever channel it waits.
func ready(ctx context.Context) (string, error) {
	answer := make(chan string)
	failed := make(chan error)
	go func() {
		found, err := ask()
		if err != nil {
			failed <- err // fine: told with the send below
			return
		}
		answer <- found // want: blocking_in_async RISK
	}()
	select {
	case found := <-answer:
		return found, nil
	case err := <-failed:
		return "", err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// What is sent after the first answer finds no reader.
func twice() error {
	answer := make(chan string)
	failed := make(chan error)
	go func() {
		failed <- errors.New("slow") // fine: told with the send below
		answer <- "late" // want: blocking_in_async RISK
	}()
	select {
	case found := <-answer:
		return errors.New(found)
	case err := <-failed:
		return err
	}
}

func ask() (string, error) { return "", nil }

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
