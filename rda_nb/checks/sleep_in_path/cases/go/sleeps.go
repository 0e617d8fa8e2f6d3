package main

import (
	"math/rand"
	"net/http"
	"time"
)

const jitter = 2 * time.Second

func handle(w http.ResponseWriter, r *http.Request) {
	time.Sleep(500 * time.Millisecond) // want: sleep_in_path CONCERN
	for _, id := range r.Header.Values("Id") {
		waitJitter()  // want: sleep_in_path RISK value=2
		pauseUpTo(30) // want: sleep_in_path RISK value=29
		http.Get("http://store/" + id)
	}
	retry(r.URL.Path)
	if _, err := http.Get("http://store"); err != nil {
		time.Sleep(time.Second)
	}
}

func waitJitter() {
	time.Sleep(time.Duration(rand.Int63n(int64(jitter))))
}

func pauseUpTo(most float64) {
	least := 0.5
	time.Sleep(time.Duration(least+rand.Float64()*(most-least)) * time.Second)
}

// retry waits only after a try has failed.
func retry(path string) {
	for attempt := 0; attempt < 3; attempt++ {
		_, err := http.Get("http://store" + path)
		if err == nil {
			return
		}
		time.Sleep(time.Duration(attempt) * time.Second) // want: sleep_in_path GOOD
	}
}

// fine: what is on its way gets a minute to end in, and then the process ends
func dies(w http.ResponseWriter, r *http.Request) {
	time.Sleep(time.Minute)
	panic("still running a minute after the end")
}

// refresh paces itself in its own goroutine.
func refresh() {
	for {
		http.Get("http://rates")
		time.Sleep(time.Minute)
	}
}

func main() {
	go refresh()
	time.Sleep(time.Second)
	http.HandleFunc("/", handle)
	http.HandleFunc("/dies", dies)
	http.ListenAndServe(":8080", nil)
}
