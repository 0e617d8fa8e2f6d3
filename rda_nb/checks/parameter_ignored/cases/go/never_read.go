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

// fine: the value acts, in the function that is handed over beside it.
func transport(timeout time.Duration, dial func() (*http.Response, error)) (*http.Response, error) {
	return dial()
}

func join(timeout time.Duration) {
	client := http.Client{}
	_, _ = transport(timeout, func() (*http.Response, error) {
		client.Timeout = timeout
		return client.Get("http://peer")
	})
}

type handler func(w http.ResponseWriter, limit int)

// What a table of functions calls must have this shape: a parameter that one of them does not need is no mistake.
func plain(w http.ResponseWriter, limit int) { _, _ = w.Write([]byte("ok")) }

var table = []handler{plain}

func main() {
	flag.Parse()
	_ = send("http://a", *interval, 3)
	join(time.Second)
	_ = read("http://a", time.Second)
	for _, one := range table {
		one(nil, 5)
	}
}
