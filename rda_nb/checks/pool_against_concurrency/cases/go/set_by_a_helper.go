package main

import (
	"database/sql"
	"net/http"
)

type store struct{ db *sql.DB }

// The limit is set on whatever handle the helper is given.
func limit(handle *sql.DB, most int) {
	handle.SetMaxOpenConns(most)
}

func (s *store) save(w http.ResponseWriter, r *http.Request) {
	_, _ = s.db.Exec("INSERT INTO visits VALUES (1)")
}

func main() {
	db, _ := sql.Open("postgres", "postgres://visits")
	limit(db, 20)
	s := &store{db: db}
	http.HandleFunc("/visit", s.save)
	_ = http.ListenAndServe(":8080", nil)
}
