package main

import (
	"database/sql"
	"net/http"

	"github.com/lib/pq"
)

const copyItems = "COPY items(id, name) FROM STDIN"

type store struct {
	db *sql.DB
}

// fine: the rows are collected, and go to the server together
func (s *store) copy(query string, ids []string) {
	tx, _ := s.db.Begin()
	stmt, _ := tx.Prepare(query)
	for _, id := range ids {
		stmt.Exec(id, "name")
	}
	stmt.Exec()
	tx.Commit()
}

// fine: the same by the driver's own text
func (s *store) copyIn(ids []string) {
	tx, _ := s.db.Begin()
	stmt, _ := tx.Prepare(pq.CopyIn("items", "id", "name"))
	for _, id := range ids {
		stmt.Exec(id, "name")
	}
	stmt.Exec()
	tx.Commit()
}

// One round trip per row.
func (s *store) insert(ids []string) {
	tx, _ := s.db.Begin()
	stmt, _ := tx.Prepare("INSERT INTO items VALUES ($1, $2)")
	for _, id := range ids {
		stmt.Exec(id, "name") // want: n_plus_one CONCERN
	}
	tx.Commit()
}

func main() {
	db, _ := sql.Open("postgres", "dsn")
	s := &store{db: db}
	http.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) {
		ids := r.URL.Query()["id"]
		s.copy(copyItems, ids)
		s.copyIn(ids)
		s.insert(ids)
	})
	http.ListenAndServe(":8080", nil)
}
