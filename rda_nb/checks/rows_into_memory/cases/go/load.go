package main

import (
	"context"
	"database/sql"
	"net/http"
	"time"
)

type store struct{ db *sql.DB }

func (s *store) load(ctx context.Context) (map[int64]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, name FROM series WHERE updated > now() - interval '1 day'") // want: unbounded_read CONCERN
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[int64]string{}
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		found[id] = name
	}
	return found, rows.Err()
}

// fine: a page at a time
func (s *store) page(ctx context.Context, after int64) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT name FROM series WHERE id > $1 ORDER BY id LIMIT 100", after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		rows.Scan(&name)
		names = append(names, name)
	}
	return names, rows.Err()
}

// fine: those of one owner, and rows that are passed on one by one
func (s *store) owned(ctx context.Context, owner int64, out chan<- string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT name FROM series WHERE owner = $1", owner)
	if err != nil {
		return nil, err
	}
	var names []string
	for rows.Next() {
		var name string
		rows.Scan(&name)
		names = append(names, name)
	}
	rows.Close()
	all, err := s.db.QueryContext(ctx, "SELECT name FROM series")
	if err != nil {
		return nil, err
	}
	for all.Next() {
		var name string
		all.Scan(&name)
		out <- name
	}
	return names, all.Close()
}

func main() {
	s := &store{}
	go func() {
		for range time.Tick(time.Hour) {
			s.load(context.Background())
		}
	}()
	http.HandleFunc("GET /series", func(w http.ResponseWriter, r *http.Request) {
		s.page(r.Context(), 0)
		s.owned(r.Context(), 1, make(chan string))
	})
	http.ListenAndServe(":8080", nil)
}
