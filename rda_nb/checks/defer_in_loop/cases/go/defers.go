package main

import (
	"net/http"
	"os"
	"sync"
)

var mu sync.Mutex

func handle(w http.ResponseWriter, r *http.Request) {
	for _, name := range r.Header.Values("File") {
		file, err := os.Open(name)
		if err != nil {
			continue
		}
		defer file.Close() // want: defer_in_loop CONCERN
	}
	for _, name := range r.Header.Values("File") {
		// A literal of the turn's own ends with it.
		func() {
			file, _ := os.Open(name)
			defer file.Close()
		}()
	}
	for _, name := range r.Header.Values("File") {
		if name == "x" {
			mu.Lock()
			defer mu.Unlock()
			return
		}
	}
}

func work(jobs chan string) {
	for name := range jobs {
		file, _ := os.Open(name)
		defer file.Close() // want: defer_in_loop RISK
		http.Get("http://store/" + name)
	}
}

func main() {
	jobs := make(chan string)
	go work(jobs)
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
