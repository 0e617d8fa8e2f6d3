package main

import (
	"log"
	"net/http"

	"github.com/julienschmidt/httprouter"
)

type environment struct{ client http.Client }

func (e *environment) getProfile(w http.ResponseWriter, r *http.Request) {
	e.client.Get("http://store/profiles")
}

func (e *environment) postProfile(w http.ResponseWriter, r *http.Request) {
	e.client.Post("http://store/profiles", "", nil)
}

func logged(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		log.Print(r.URL.Path)
		next(w, r)
	}
}

func (e *environment) newRouter() *httprouter.Router {
	routes := []struct {
		method  string
		path    string
		handler http.HandlerFunc
	}{
		{
			http.MethodGet,
			"/profiles/:profile_id", // want: api_route RISK flow=GET_/profiles/:profile_id
			e.getProfile,
		},
		{http.MethodPost, "/profiles", e.postProfile}, // want: api_route RISK flow=POST_/profiles
	}
	router := httprouter.New()
	for _, route := range routes {
		router.Handler(route.method, route.path, logged(route.handler))
	}
	return router
}

func main() {
	e := &environment{}
	http.ListenAndServe(":8080", e.newRouter())
}
