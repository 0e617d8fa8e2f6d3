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

func authMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") == "" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	r := chi.NewRouter()
	r.Use(authMiddleware) // fine: clients are known
	r.Post("/run", run)
	_ = http.ListenAndServe(":8080", r)
}
