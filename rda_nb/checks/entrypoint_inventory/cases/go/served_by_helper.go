// A server that a helper starts serves what the helper is handed.
package main

import (
	"net/http"
	"time"
)

type proxy struct{ client *http.Client }

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resp, err := p.client.Get("http://peer" + r.URL.Path)
	if err == nil {
		resp.Body.Close()
	}
}

// What is found in the table is not known.
type table struct{ routes map[string]http.Handler }

func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.routes[r.URL.Path].ServeHTTP(w, r) }

// fine: it serves what its callers give it
func listen(addr string, handler http.Handler) {
	server := &http.Server{Addr: addr, Handler: handler, ReadTimeout: time.Second, WriteTimeout: time.Minute}
	server.ListenAndServe()
}

func main() {
	go listen(":8080", &proxy{client: &http.Client{Timeout: time.Second}}) // want: api_route GOOD claim=handler_proxy.ServeHTTP_waits_for_http;_first_bottleneck:_HTTP_request_(served_by_helper.go:12).
	api := http.NewServeMux()
	go listen(":8081", api)
	listen(":8082", &table{routes: map[string]http.Handler{}}) // want: api_route GAP claim=handler_table.ServeHTTP_reaches_no_blocking_IO_that_the_target_shows;_what_`t.routes[r.URL.Path].ServeHTTP`_at_served_by_helper.go:21_runs_is_not_followed.
}
