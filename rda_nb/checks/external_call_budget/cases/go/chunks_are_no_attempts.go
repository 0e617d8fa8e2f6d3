// A loop over chunks of entries, and one that retrieves, is no retry loop; a deferred call in one runs once.
package main

import (
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second}

func export(entries []string) error {
	for start := 0; start < len(entries); start += 100 {
		if _, err := client.Get("http://archive/"); err != nil { // want: http GOOD attempts=1 worst_case_s=5
			return err
		}
		time.Sleep(time.Second)
	}
	return nil
}

func locked() error {
	for attempt := 0; attempt < 3; attempt++ {
		if _, err := client.Get("http://lock/"); err != nil { // want: http GOOD attempts=3 worst_case_s=17
			time.Sleep(time.Second)
			continue
		}
		defer func() {
			client.Get("http://unlock/") // want: http GOOD attempts=1 worst_case_s=5
		}()
		return nil
	}
	return nil
}

func main() {
	http.HandleFunc("/export", func(w http.ResponseWriter, r *http.Request) {
		if locked() == nil {
			export([]string{"a"})
		}
	})
	http.ListenAndServe(":8080", nil)
}
