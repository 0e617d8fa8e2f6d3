package main

import (
	"net/http"
	"time"
)

// The pause comes after a failure: a success has left the loop.
func reconnect(w http.ResponseWriter, r *http.Request) {
	for {
		_, err := http.Head("http://store")
		if err == nil {
			w.WriteHeader(http.StatusOK)
			break
		}
		time.Sleep(5 * time.Second) // want: sleep_in_path GOOD
	}
}

func main() {
	http.HandleFunc("/reconnect", reconnect)
	http.ListenAndServe(":8080", nil)
}
