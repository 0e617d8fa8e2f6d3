package main

import (
	"io"
	"net/http"
)

const most = 1 << 20

func handle(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > most {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	io.ReadAll(r.Body) // want: unbounded_read CONCERN
}

// Whether there is a body at all is no limit on it.
func any(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > 0 {
		io.ReadAll(r.Body) // want: unbounded_read RISK
	}
}

// fine: the declared length is only the early answer.
func both(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > most {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	io.ReadAll(http.MaxBytesReader(w, r.Body, most)) // want: unbounded_read GOOD
}

func main() {
	http.HandleFunc("/", handle)
	http.HandleFunc("/any", any)
	http.HandleFunc("/both", both)
	http.ListenAndServe(":8080", nil)
}
