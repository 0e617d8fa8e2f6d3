package main

import (
	"net/http"
	"time"
)

// Since Go 1.23 a timer that nothing refers to is freed.
func work(jobs chan string) {
	for {
		select {
		case job := <-jobs:
			http.Get("http://store/" + job)
		case <-time.After(time.Minute):
			return
		}
	}
}

func main() { work(make(chan string)) }
