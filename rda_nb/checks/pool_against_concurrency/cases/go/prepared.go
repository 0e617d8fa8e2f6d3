package main

import (
	"database/sql"
	"net/http"
)

type ratings struct{ db *sql.DB }

// A statement that is prepared opens no pool: it takes its connections from the handle, which has a limit.
func (r *ratings) rate(w http.ResponseWriter, request *http.Request) {
	statement, err := r.db.Prepare("INSERT INTO ratings VALUES ($1)")
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	defer statement.Close()
	_, _ = statement.Exec(request.URL.Query().Get("stars"))
}

func main() {
	db, _ := sql.Open("postgres", "postgres://ratings")
	db.SetMaxOpenConns(10)
	r := &ratings{db: db}
	http.HandleFunc("/rate", r.rate)
	_ = http.ListenAndServe(":8080", nil)
}
