// A context kept for one request: the fallback for callers without one is not how the service runs.
package main

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	_ "github.com/lib/pq"
)

type unit struct {
	db  *sql.DB
	ctx context.Context
}

func (u *unit) within() (context.Context, context.CancelFunc) {
	if u.ctx == nil {
		u.ctx = context.Background()
	}
	return context.WithCancel(u.ctx)
}

func (u *unit) rename(id string) error {
	ctx, cancel := u.within()
	defer cancel()
	_, err := u.db.ExecContext(ctx, "UPDATE users SET name = 'x' WHERE id = $1", id) // want: postgres GOOD worst_case_s=4
	return err
}

func main() {
	db, _ := sql.Open("postgres", "postgres://db/users")
	http.HandleFunc("/rename", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 4*time.Second)
		defer cancel()
		u := &unit{db: db, ctx: ctx}
		u.rename(r.URL.Query().Get("id"))
	})
	http.ListenAndServe(":8080", nil)
}
