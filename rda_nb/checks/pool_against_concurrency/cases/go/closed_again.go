package main

import (
	"database/sql"
	"net/http"
)

type store struct {
	db *sql.DB
}

// fine: it is limited after the first use
func newStore() (*store, error) {
	s := &store{}
	var err error
	if s.db, err = sql.Open("mysql", "dsn"); err != nil {
		return nil, err
	}
	if err = s.db.Ping(); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(32)
	return s, nil
}

// fine: a pool of its own, for one goroutine, that is closed again
func (s *store) tables(w http.ResponseWriter, r *http.Request) {
	db, err := sql.Open("mysql", "dsn")
	if err != nil {
		return
	}
	defer db.Close()
	db.ExecContext(r.Context(), "CREATE TABLE IF NOT EXISTS items (id int)")
}

func (s *store) count(w http.ResponseWriter, r *http.Request) {
	s.db.QueryContext(r.Context(), "SELECT count(*) FROM items")
}

// The same without a limit anywhere.
type other struct {
	db *sql.DB
}

func newOther() *other {
	db, _ := sql.Open("mysql", "dsn") // want: pool_size CONCERN bounded=false
	return &other{db: db}
}

func (o *other) count(w http.ResponseWriter, r *http.Request) {
	o.db.QueryContext(r.Context(), "SELECT count(*) FROM items")
}

func main() {
	s, _ := newStore()
	http.HandleFunc("/tables", s.tables)
	http.HandleFunc("/count", s.count)
	o := newOther()
	http.HandleFunc("/other", o.count)
	http.ListenAndServe(":8080", nil)
}
