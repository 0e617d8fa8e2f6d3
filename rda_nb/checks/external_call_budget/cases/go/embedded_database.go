package main

import (
	"context"
	"database/sql"
	"net/http"

	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

type store struct {
	local  *sql.DB
	remote *sql.DB
	byKey  map[string]*sql.Stmt
}

func open() *store {
	local, _ := sql.Open("sqlite3", "file:/var/spool/orders.db")
	remote, _ := sql.Open("postgres", "postgres://db/orders")
	return &store{local: local, remote: remote, byKey: map[string]*sql.Stmt{}}
}

// fine: a database in the process has no peer that could leave a call without an answer
func (s *store) read(w http.ResponseWriter, r *http.Request) {
	row := s.local.QueryRowContext(context.Background(), "select body from orders where id = ?", r.URL.Query().Get("id"))
	var body []byte
	row.Scan(&body)
	tx, _ := s.local.Begin()
	tx.Exec("update orders set seen = 1")
	stmt, _ := s.local.Prepare("select 1")
	stmt.Query()
	tx.Commit()
	w.Write(body)
}

func (s *store) write(w http.ResponseWriter, r *http.Request) {
	s.remote.ExecContext(context.Background(), "insert into orders values ($1)", r.URL.Query().Get("id")) // want: postgres RISK
}

func main() {
	s := open()
	http.HandleFunc("GET /order", s.read)
	http.HandleFunc("POST /order", s.write)
	http.ListenAndServe(":8080", nil)
}
