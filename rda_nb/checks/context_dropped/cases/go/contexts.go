package main

import (
	"context"
	"database/sql"
	"net/http"

	_ "github.com/lib/pq"
)

type api struct{ db *sql.DB }

func (a *api) order(w http.ResponseWriter, r *http.Request) {
	a.db.QueryContext(context.Background(), "SELECT id FROM orders WHERE id = $1", r.URL.Path) // want: postgres CONCERN
}

func (a *api) price(w http.ResponseWriter, r *http.Request) {
	a.db.QueryContext(r.Context(), "SELECT price FROM prices WHERE id = $1", r.URL.Path)
	// ok: the audit row is written whether or not the client waits for it.
	go a.audit(r.URL.Path)
}

func (a *api) audit(path string) {
	a.db.ExecContext(context.Background(), "INSERT INTO audit VALUES ($1)", path)
}

func main() {
	db, _ := sql.Open("postgres", "postgres://db/orders")
	// ok: at the start there is no caller's context.
	db.PingContext(context.Background())
	a := &api{db: db}
	http.HandleFunc("GET /order/", a.order)
	http.HandleFunc("GET /price/", a.price)
	http.ListenAndServe(":8080", nil)
}
