package main

import (
	"net/http"
	"time"
)

// The request is answered while the goroutine waits.
func later(w http.ResponseWriter, r *http.Request) {
	schedule(r.URL.Path)
	w.WriteHeader(http.StatusAccepted)
}

func schedule(path string) {
	go func() {
		time.Sleep(20 * time.Second)
		http.Get("http://jobs" + path)
	}()
}

// Only a panic leads to the pause.
func guard(work func()) {
	defer func() {
		if caught := recover(); caught != nil {
			time.Sleep(2 * time.Second) // want: sleep_in_path GOOD
		}
	}()
	work()
}

func now(w http.ResponseWriter, r *http.Request) {
	guard(func() { w.WriteHeader(http.StatusOK) })
	time.Sleep(time.Second) // want: sleep_in_path CONCERN
}

func main() {
	http.HandleFunc("/later", later)
	http.HandleFunc("/now", now)
	http.ListenAndServe(":8080", nil)
}
