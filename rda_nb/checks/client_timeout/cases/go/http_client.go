package main

import (
	"net/http"
	"os"
	"strconv"
	"time"
)

const scrapeTimeout = 15 * time.Second

func seconds(name string, fallback int) time.Duration {
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		return time.Duration(fallback) * time.Second
	}
	return time.Duration(n) * time.Second
}

func main() {
	short := &http.Client{Timeout: scrapeTimeout} // want: http GOOD timeout_s=15
	long := &http.Client{Timeout: 20 * time.Minute} // want: http CONCERN timeout_s=1200
	byEnvironment := &http.Client{Timeout: seconds("EXPORT_TIMEOUT", 30)} // want: http GOOD timeout_s=30
	none := &http.Client{Timeout: 0} // want: http CONCERN
	for _, client := range []*http.Client{short, long, byEnvironment, none} {
		client.Get("http://metrics/")
	}
}
