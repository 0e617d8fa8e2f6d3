package main

import (
	"net/http"
	"time"

	"github.com/docker/docker/client"
)

func local() (*client.Client, error) {
	return client.NewClientWithOpts(client.WithTimeout(time.Minute)) // want: other GOOD timeout_s=60
}

func remote() (*client.Client, error) {
	opts := []client.Opt{client.WithTimeout(time.Minute)} // want: other GOOD timeout_s=60
	other := &http.Client{Transport: &http.Transport{}} // want: http CONCERN quiet=true
	opts = append(opts, client.WithHTTPClient(other)) // want: other CONCERN
	return client.NewClientWithOpts(opts...)
}

func bounded() (*client.Client, error) {
	opts := []client.Opt{client.WithTimeout(time.Minute)} // want: other GOOD timeout_s=60
	other := &http.Client{Timeout: 30 * time.Second}      // want: http GOOD timeout_s=30
	opts = append(opts, client.WithHTTPClient(other))     // fine: it has a timeout of its own
	return client.NewClientWithOpts(opts...)
}

func main() {
	_, _ = local()
	_, _ = remote()
	_, _ = bounded()
}
