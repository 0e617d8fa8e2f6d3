package main

import (
	"io"
	"net/http"
)

// limit stands before every handler.
func limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		next.ServeHTTP(w, r)
	})
}

func create(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read GOOD
	w.Write(body)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/create", create)
	http.ListenAndServe(":8080", limit(mux))
}
