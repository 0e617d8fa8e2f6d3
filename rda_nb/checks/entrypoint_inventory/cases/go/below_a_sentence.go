package main

import "net/http"

func routes(mux *http.ServeMux) {
	mux.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) { // want: api_route GOOD flow=/ping
		w.WriteHeader(http.StatusNoContent)
	})
}

func main() {
	mux := http.NewServeMux()
	// A full stop before a name is no selector when it ends the sentence above: register the handlers.
	routes(mux)
	http.ListenAndServe(":8080", mux)
}
