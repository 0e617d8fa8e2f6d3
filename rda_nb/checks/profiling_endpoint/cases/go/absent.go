package main

import "net/http"

func main() {
	http.HandleFunc("/quote", func(w http.ResponseWriter, r *http.Request) {})
	http.ListenAndServe(":8080", http.DefaultServeMux) // want: profiling GAP present=false
}
