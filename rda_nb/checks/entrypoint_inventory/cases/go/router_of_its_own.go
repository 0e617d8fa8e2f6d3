// A router type that stands around a library's: its methods take pattern and handler, and wrap the handler.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi"
)

type router struct{ chi chi.Router }

type apiHandler func(w http.ResponseWriter, r *http.Request) error

func (h apiHandler) serve(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func handler(fn apiHandler) http.HandlerFunc { return fn.serve }

// fine: these are no routes, their callers' are
func (r *router) Get(pattern string, fn apiHandler) { r.chi.Get(pattern, handler(fn)) }

func (r *router) Post(pattern string, fn apiHandler) { r.chi.Post(pattern, handler(fn)) }

func (r *router) Mount(pattern string, handler http.Handler) { r.chi.Mount(pattern, handler) }

func (r *router) Route(pattern string, fn func(*router)) {
	r.chi.Route(pattern, func(c chi.Router) { fn(&router{c}) })
}

func (r *router) With(fn func(http.Handler) http.Handler) *router { return &router{r.chi.With(fn)} }

func (r *router) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.chi.ServeHTTP(w, req) }

type orders struct{ client *http.Client }

func (o *orders) health(w http.ResponseWriter, r *http.Request) error { return nil }

func (o *orders) list(w http.ResponseWriter, r *http.Request) error {
	_, err := o.client.Get("http://store/orders")
	return err
}

func (o *orders) add(w http.ResponseWriter, r *http.Request) error {
	_, err := http.Get("http://store/add")
	return err
}

func signed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.Background()))
	})
}

// A value that serves all below a path.
type gateway struct{ client *http.Client }

func newGateway() *gateway { return &gateway{client: &http.Client{Timeout: time.Second}} }

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.client.Get("http://peer/any") }

func main() {
	o := &orders{client: &http.Client{Timeout: time.Second}}
	r := &router{chi.NewRouter()}
	r.Get("/health", o.health) // want: api_route GOOD flow=GET_/health
	r.Route("/shops", func(r *router) {
		r.Route("/{shop}", func(r *router) {
			r.Get("/orders", o.list)               // want: api_route GOOD flow=GET_/shops/{shop}/orders
			r.With(signed).Post("/orders/", o.add) // want: api_route RISK flow=POST_/shops/{shop}/orders/
		})
		r.With(signed).Mount("/peer", newGateway()) // want: api_route GOOD flow=/shops/peer bottleneck=HTTP_request_(router_of_its_own.go:64)
	})
	server := &http.Server{Addr: ":8080", Handler: r}
	server.ListenAndServe()
}
