package main

import (
	"net/http"

	"github.com/gorilla/mux"
)

type route struct {
	name    string
	method  string
	pattern string
	handler http.HandlerFunc
}

var client = http.Client{}

func listOrders(w http.ResponseWriter, r *http.Request) { client.Get("http://store/orders") }

func createOrder(w http.ResponseWriter, r *http.Request) { client.Post("http://store/orders", "", nil) }

var routes = []route{
	{"list", "GET", "/orders", listOrders},                                // want: api_route RISK flow=GET_/orders
	route{"create", http.MethodPost, "/orders", createOrder}, // want: api_route RISK flow=POST_/orders
}

func main() {
	router := mux.NewRouter()
	for _, one := range routes {
		router.Methods(one.method).Path(one.pattern).Handler(one.handler)
	}
	for _, one := range routes {
		router.HandleFunc(one.pattern, one.handler)
	}
	http.ListenAndServe(":8080", router)
}
