package main

import (
	"database/sql"
	"net/http"

	"github.com/go-pkgz/routegroup"
)

type api struct {
	db *sql.DB
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	a.db.QueryContext(r.Context(), "SELECT id FROM items")
}

func main() {
	db, _ := sql.Open("mysql", "dsn")
	a := &api{db: db}
	router := routegroup.New(http.NewServeMux())
	items := router.Mount("/api/v1")
	items.HandleFunc("GET /items", a.list) // want: api_route RISK
	http.ListenAndServe(":8080", router)
}
