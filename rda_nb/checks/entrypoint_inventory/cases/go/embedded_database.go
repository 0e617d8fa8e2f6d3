// A database in the process waits for the disk, and for no peer: that is told, and is no deadline that is missing.
package main

import (
	"database/sql"
	"net/http"

	_ "github.com/mattn/go-sqlite3"
)

type store struct{ db *sql.DB }

func (s *store) save(w http.ResponseWriter, r *http.Request) {
	s.db.ExecContext(r.Context(), "INSERT INTO visits (path) VALUES (?)", r.URL.Path)
}

func main() { // want: startup GOOD
	db, err := sql.Open("sqlite3", "visits.db")
	if err != nil {
		panic(err)
	}
	s := &store{db}
	http.HandleFunc("/save", s.save) // want: api_route GOOD claim=/save_works_on_a_database_in_its_own_process_(SQL_exec_at_embedded_database.go:14):_it_waits_for_the_disk.
	http.ListenAndServe(":8080", nil)
}
