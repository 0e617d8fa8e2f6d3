package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

type gateway struct {
	plain   *httputil.ReverseProxy
	limited *httputil.ReverseProxy
	dressed *httputil.ReverseProxy
}

// Takes headers away, and sends through the default transport.
type undressing struct{}

func (undressing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Access-Control-Allow-Origin")
	}
	return resp, err
}

func newGateway(target *url.URL) *gateway {
	return &gateway{
		plain:   httputil.NewSingleHostReverseProxy(target),
		limited: &httputil.ReverseProxy{Transport: &http.Transport{ResponseHeaderTimeout: 5 * time.Second}},
		dressed: &httputil.ReverseProxy{Transport: undressing{}},
	}
}

// A proxy waits for the header as long as its transport does: by default as long as the client of the request.
func (g *gateway) open(w http.ResponseWriter, r *http.Request) {
	g.plain.ServeHTTP(w, r) // want: http CONCERN bounded=false
}

func (g *gateway) strip(w http.ResponseWriter, r *http.Request) {
	g.dressed.ServeHTTP(w, r.WithContext(r.Context())) // want: http CONCERN bounded=false
}

func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	g.limited.ServeHTTP(w, r) // want: http GOOD timeout_s=5
}

func main() {
	target, err := url.Parse("http://backend")
	if err != nil {
		panic(err)
	}
	g := newGateway(target)
	http.HandleFunc("/open", g.open)
	http.HandleFunc("/strip", g.strip)
	http.HandleFunc("/", g.serve)
	http.ListenAndServe(":8080", nil)
}
