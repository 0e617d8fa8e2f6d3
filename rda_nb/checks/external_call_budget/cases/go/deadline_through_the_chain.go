// The deadline is set two functions above the call; the tighter of two nested ones governs.
package main

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	_ "github.com/lib/pq"
)

type repository struct{ db *sql.DB }

func (r *repository) load(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return r.query(ctx, id)
}

func (r *repository) query(ctx context.Context, id string) error {
	rows, err := r.db.QueryContext(ctx, "SELECT name FROM users WHERE id = $1", id) // want: postgres GOOD timeout_s=3 worst_case_s=3
	if err == nil {
		rows.Close()
	}
	return err
}

type api struct{ users *repository }

func (a *api) user(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	a.users.load(ctx, r.URL.Query().Get("id"))
}

func main() {
	db, _ := sql.Open("postgres", "postgres://db/users")
	a := &api{users: &repository{db: db}}
	http.HandleFunc("/user", a.user)
	http.ListenAndServe(":8080", nil)
}
