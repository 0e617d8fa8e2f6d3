package main

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
)

func limitBody(size int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, size)
		c.Next()
	}
}

func create(c *gin.Context) {
	body, _ := io.ReadAll(c.Request.Body) // want: unbounded_read GOOD
	c.Data(200, "text/plain", body)
}

func update(c *gin.Context) {
	body, _ := io.ReadAll(c.Request.Body) // want: unbounded_read GOOD
	c.Data(200, "text/plain", body)
}

// upload hangs on another group of the same engine.
func upload(c *gin.Context) {
	body, _ := io.ReadAll(c.Request.Body) // want: unbounded_read RISK
	c.Data(200, "text/plain", body)
}

// inspect hangs on another engine.
func inspect(c *gin.Context) {
	body, _ := io.ReadAll(c.Request.Body) // want: unbounded_read RISK
	c.Data(200, "text/plain", body)
}

func register(api *gin.RouterGroup) {
	api.POST("/create", create)
	api.PUT("/update", update)
}

func public() {
	app := gin.New()
	v1 := app.Group("/v1")
	v1.Use(limitBody(1 << 20))
	register(v1)
	files := app.Group("/files")
	files.POST("/upload", upload)
	app.Run(":8080")
}

func internal() {
	app := gin.New()
	app.POST("/inspect", inspect)
	app.Run(":8081")
}

func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		next.ServeHTTP(w, r)
	})
}

func bounded(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read GOOD
	w.Write(body)
}

func beside(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read RISK
	w.Write(body)
}

func alone(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read GOOD
	w.Write(body)
}

func inPlace(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read GOOD
	w.Write(body)
}

// routes puts its limit on in place, after its routes.
func routes() http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/in-place", inPlace)
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
			next.ServeHTTP(w, r)
		})
	})
	return r
}

// handed is registered on a router that comes from elsewhere: nothing is said of it.
func handed(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Write(body)
}

type plugin interface{ Router() chi.Router }

func chained(p plugin) {
	root := chi.NewRouter()
	root.Group(func(r chi.Router) {
		r.Use(limited)
		r.Post("/bounded", bounded)
	})
	root.Post("/beside", beside)
	root.With(limited).Post("/alone", alone)
	p.Router().Post("/handed", handed)
	go http.ListenAndServe(":8083", routes())
	http.ListenAndServe(":8082", root)
}

func main() {
	go public()
	go internal()
	chained(nil)
}
