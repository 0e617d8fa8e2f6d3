// The timeout comes from the environment with a default in the code; the number is the default's, the key is named.
package main

import (
	"net/http"
	"os"
	"time"
)

type settings struct{ UpstreamTimeout time.Duration }

func durationOr(key string, fallback time.Duration) time.Duration {
	if value := os.Getenv(key); value != "" {
		if parsed, err := time.ParseDuration(value); err == nil {
			return parsed
		}
	}
	return fallback
}

func load() settings {
	return settings{UpstreamTimeout: durationOr("UPSTREAM_TIMEOUT", 1500*time.Millisecond)}
}

type gateway struct{ upstream *http.Client }

func newGateway(s settings) *gateway {
	return &gateway{upstream: &http.Client{Timeout: s.UpstreamTimeout}}
}

func (g *gateway) proxy(w http.ResponseWriter, r *http.Request) {
	g.upstream.Get("http://upstream" + r.URL.Path) // want: http GOOD timeout_s=1.5 timeout.config_key=UPSTREAM_TIMEOUT worst_case_s=1.5
}

func main() {
	g := newGateway(load())
	http.HandleFunc("/", g.proxy)
	http.ListenAndServe(":8080", nil)
}
