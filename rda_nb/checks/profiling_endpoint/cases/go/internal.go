package main

import (
	"net/http"
	"net/http/pprof"
)

func main() {
	// ok: profiling: the operations port has its own router.
	ops := http.NewServeMux()
	ops.HandleFunc("/debug/pprof/", pprof.Index) // want: profiling GOOD
	ops.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		http.Get("http://prices.internal/healthz")
	})
	go http.ListenAndServe(":9090", ops)
	mux := http.NewServeMux()
	mux.HandleFunc("/quote", func(w http.ResponseWriter, r *http.Request) {
		http.Get("http://prices.internal/quote")
	})
	http.ListenAndServe(":8080", mux)
}
