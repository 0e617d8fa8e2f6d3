package main

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type api struct{ client *http.Client }

func (a *api) ask(ctx context.Context, url string) {
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	a.client.Do(request) // want: http CONCERN bounded=false
}

// Behind the timeout of its group.
func (a *api) quick(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://a", nil)
	a.client.Do(request) // want: http GOOD timeout_s=5 worst_case_s=5
	a.ask(r.Context(), "http://shared")
}

// Behind a timeout of its own.
func (a *api) report(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://b", nil)
	a.client.Do(request) // want: http GOOD timeout_s=60 worst_case_s=60
}

// The timeouts of other routes bound nothing here.
func (a *api) export(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://c", nil)
	a.client.Do(request) // want: http CONCERN bounded=false
	a.ask(r.Context(), "http://shared")
}

func main() {
	a := &api{client: &http.Client{}}
	r := chi.NewRouter()
	r.Group(func(r chi.Router) {
		r.Use(middleware.Timeout(5 * time.Second))
		r.Get("/quick", a.quick)
	})
	r.With(middleware.Timeout(time.Minute)).Get("/report", a.report)
	r.Get("/export", a.export)
	http.ListenAndServe(":8080", r)
}
