package main

import (
	"net/http"
	"time"
)

// Router is a thin type of the service's own over the standard mux.
type Router struct {
	mux    *http.ServeMux
	prefix string
}

func (r *Router) Group(prefix string) *Router { return &Router{r.mux, r.prefix + prefix} }

func (r *Router) Handle(method, pattern string, handler http.Handler) {
	r.mux.Handle(method+" "+r.prefix+pattern, handler)
}

func (r *Router) GET(pattern string, handler http.HandlerFunc) {
	r.Handle(http.MethodGet, pattern, handler)
}

type console struct{ client *http.Client }

func (c *console) graph(w http.ResponseWriter, r *http.Request) { c.client.Get("http://store/graph") }

func (c *console) save(w http.ResponseWriter, r *http.Request) { c.client.Get("http://store/save") }

func main() {
	c := &console{client: &http.Client{Timeout: time.Second}}
	root := &Router{mux: http.NewServeMux()}
	api := root.Group("/api/v0")
	api.GET("/graph", c.graph)                                        // want: api_route GOOD flow=GET_/api/v0/graph
	api.Handle(http.MethodPost, "/filters", http.HandlerFunc(c.save)) // want: api_route GOOD flow=POST_/api/v0/filters
	http.ListenAndServe(":8080", api.mux)
}
