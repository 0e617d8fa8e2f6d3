package main

import (
	"net/http"
	"time"

	"github.com/avast/retry-go/v4"
)

var client = http.Client{Timeout: 5 * time.Second}

// Four tries of 5 s and three pauses of 2 s.
func fixed() error {
	return retry.Do(
		func() error {
			_, err := client.Get("http://a") // want: http GOOD attempts=4 worst_case_s=26
			return err
		},
		retry.Attempts(4), retry.Delay(2*time.Second), retry.DelayType(retry.FixedDelay),
	)
}

// Pauses of 2 s and 4 s, without the jitter that the library adds by itself.
func doubling() error {
	return retry.Do(
		func() error {
			_, err := client.Get("http://b") // want: http GOOD attempts=3 worst_case_s=21
			return err
		},
		retry.Attempts(3), retry.Delay(2*time.Second), retry.DelayType(retry.BackOffDelay),
	)
}

// A pause of the caller's own making is not known.
func own(pause retry.DelayTypeFunc) error {
	return retry.Do(
		func() error {
			_, err := client.Get("http://c") // want: http GAP
			return err
		},
		retry.Attempts(3), retry.DelayType(pause),
	)
}

func main() {
	_ = fixed()
	_ = doubling()
	_ = own(nil)
}
