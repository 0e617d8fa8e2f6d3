package main

import (
	"io"
	"net/http"
)

func upload(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body) // want: payload_limit CONCERN bounded=false
	w.Write(data)
}

func limited(w http.ResponseWriter, r *http.Request) {
	// ok: payload_limit: at most one mebibyte.
	data, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	w.Write(data)
}

func main() {
	http.HandleFunc("POST /upload", upload)
	http.HandleFunc("POST /limited", limited)
	http.ListenAndServe(":8080", nil)
}
