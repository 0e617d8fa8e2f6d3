package main

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/httprate"
)

func run(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("http://runner/run")
	if err != nil {
		http.Error(w, "failed", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
}

func main() {
	r := chi.NewRouter()
	r.Use(httprate.LimitByIP(100, time.Minute)) // fine: a limit for each client
	r.Post("/run", run)
	_ = http.ListenAndServe(":8080", r)
}
