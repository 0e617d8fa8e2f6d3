// A loop of the service's own around a client with a timeout: four attempts, three or four pauses.
package main

import (
	"net/http"
	"time"
)

const maxAttempts = 4

var client = &http.Client{Timeout: 5 * time.Second}

func notify(url string) error {
	var err error
	for attempt := 0; attempt < maxAttempts; attempt++ {
		if _, err = client.Get(url); err == nil { // want: http GOOD timeout_s=5 attempts=4 worst_case_s=26
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return err
}

func main() {
	http.HandleFunc("/notify", func(w http.ResponseWriter, r *http.Request) {
		notify("http://hooks/")
	})
	http.ListenAndServe(":8080", nil)
}
