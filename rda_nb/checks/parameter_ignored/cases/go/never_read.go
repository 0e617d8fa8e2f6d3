package main

import (
	"flag"
	"net/http"
	"time"
)

var interval = flag.Duration("retry-interval", 30*time.Second, "pause between tries")

func send(url string, retryInterval time.Duration, attempts int) error { // want: backoff CONCERN
	var err error
	for i := 0; i < attempts; i++ {
		if _, err = http.Get(url); err == nil {
			return nil
		}
	}
	return err
}

func read(url string, timeout time.Duration) error {
	client := http.Client{Timeout: timeout} // fine: it is applied
	_, err := client.Get(url)
	return err
}

type handler func(w http.ResponseWriter, limit int)

// What a table of functions calls must have this shape: a parameter that one of them does not need is no mistake.
func plain(w http.ResponseWriter, limit int) { _, _ = w.Write([]byte("ok")) }

var table = []handler{plain}

func main() {
	flag.Parse()
	_ = send("http://a", *interval, 3)
	_ = read("http://a", time.Second)
	for _, one := range table {
		one(nil, 5)
	}
}
