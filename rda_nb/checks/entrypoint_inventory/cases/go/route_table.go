package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

type route struct {
	Method      string
	Path        string
	Handler     gin.HandlerFunc
	Middlewares []gin.HandlerFunc
}

type orders struct{ client *http.Client }

func (o *orders) list(c *gin.Context) { o.client.Get("http://store/orders") }

func (o *orders) create(c *gin.Context) { o.client.Post("http://store/orders", "", nil) }

func register(group *gin.RouterGroup, routes []route) {
	for _, one := range routes {
		group.Handle(one.Method, one.Path, append(one.Middlewares, one.Handler)...)
	}
}

func main() {
	o := &orders{client: http.DefaultClient}
	r := gin.New()
	register(r.Group("/api/v1"), []route{
		{Method: http.MethodGet, Path: "/orders", Handler: o.list},    // want: api_route RISK flow=GET_/api/v1/orders
		{Method: http.MethodPost, Path: "/orders", Handler: o.create}, // want: api_route RISK flow=POST_/api/v1/orders
	})
	r.Run(":8080")
}
