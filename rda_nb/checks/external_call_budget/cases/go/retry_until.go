// A loop that tries until a moment it set before: the clock ends it, though it counts nothing.
package main

import (
	"net/http"
	"time"
)

var hooks = &http.Client{Timeout: 5 * time.Second}

func deliver(url string) error {
	retryUntil := time.Now().Add(20 * time.Second)
	for {
		_, err := hooks.Get(url) // want: http GAP timeout_s=5
		if err != nil && time.Now().Before(retryUntil) {
			time.Sleep(time.Second)
			continue
		}
		return err
	}
}

func main() {
	http.HandleFunc("/deliver", func(w http.ResponseWriter, r *http.Request) {
		if err := deliver("http://hooks/"); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	})
	http.ListenAndServe(":8080", nil)
}
