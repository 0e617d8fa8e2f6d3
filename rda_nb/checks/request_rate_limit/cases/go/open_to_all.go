package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

func run(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("http://runner/run")
	if err != nil {
		http.Error(w, "failed", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
}

func routes() http.Handler {
	r := chi.NewRouter()
	r.Post("/run", run)
	return r
}

func main() {
	_ = http.ListenAndServe(":8080", routes()) // want: rate_limit CONCERN bounded=false
}
