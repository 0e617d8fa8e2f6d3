package main

import (
	"net/http"
	"net/http/pprof"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index) // want: profiling CONCERN
	mux.HandleFunc("/quote", func(w http.ResponseWriter, r *http.Request) {
		http.Get("http://prices.internal/quote")
	})
	http.ListenAndServe(":8080", mux)
}
