// A pause that doubles between tries: the first is not the length of them all.
package main

import (
	"net/http"
	"time"
)

const (
	maxAttempts = 5
	firstPause  = 200 * time.Millisecond
	longest     = time.Second
)

var client = &http.Client{Timeout: 2 * time.Second}

func doubled(url string) (err error) {
	pause := firstPause
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		if _, err = client.Get(url); err == nil { // want: http GOOD timeout_s=2 attempts=5 worst_case_s=13
			return nil
		}
		time.Sleep(pause)
		pause *= 2
	}
	return err
}

func capped(url string) (err error) {
	pause := firstPause
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		if _, err = client.Get(url); err == nil { // want: http GOOD timeout_s=2 attempts=5 worst_case_s=12.4
			return nil
		}
		time.Sleep(pause)
		pause = pause * 2
		if pause > longest {
			pause = longest
		}
	}
	return err
}

func main() {
	http.HandleFunc("/notify", func(w http.ResponseWriter, r *http.Request) {
		doubled("http://hooks/")
		capped("http://hooks/")
	})
	http.ListenAndServe(":8080", nil)
}
