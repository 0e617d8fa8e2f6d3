// Routes that are made as values and handed to a router later.
package main

import (
	"net/http"
	"time"

	"github.com/ant0ine/go-json-rest/rest"
)

type orders struct{ client *http.Client }

func (o *orders) list(w rest.ResponseWriter, r *rest.Request) {
	resp, err := o.client.Get("http://store/orders")
	if err == nil {
		resp.Body.Close()
	}
}

func (o *orders) add(w rest.ResponseWriter, r *rest.Request) {
	req, _ := http.NewRequestWithContext(r.Context(), http.MethodPost, "http://store/add", nil)
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		resp.Body.Close()
	}
}

func (o *orders) alive(w rest.ResponseWriter, r *rest.Request) { w.WriteHeader(http.StatusNoContent) }

func routes(o *orders) []*rest.Route {
	return []*rest.Route{
		rest.Get("/orders", o.list),    // want: api_route GOOD flow=GET_/orders
		rest.Post("/orders/#id", o.add), // want: api_route RISK flow=POST_/orders/#id
		rest.Get("/alive", o.alive),    // want: api_route GOOD claim=GET_/alive_reaches_no_blocking_IO_that_the_target_shows.
	}
}

func main() {
	api := rest.NewApi()
	router, _ := rest.MakeRouter(routes(&orders{client: &http.Client{Timeout: time.Second}})...)
	api.SetApp(router)
	http.ListenAndServe(":8080", api.MakeHandler())
}
