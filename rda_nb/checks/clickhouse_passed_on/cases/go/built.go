package main

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"strings"

	_ "github.com/ClickHouse/clickhouse-go/v2"
)

type asked struct {
	Metrics []string
	Query   string
}

type store struct {
	db       *sql.DB
	database string
}

func (s *store) seen(ctx context.Context, table string, in asked) (*sql.Rows, error) {
	query, args := build(table, in)
	return s.db.QueryContext(ctx, query, args...)
}

var render func(table, names string) string

func build(table string, in asked) (string, []any) {
	var args []any
	text := &strings.Builder{}
	for _, name := range in.Metrics {
		args = append(args, name)
		text.WriteString(" ?")
	}
	return render(table, text.String()), args
}

func (s *store) any(ctx context.Context, in asked) (*sql.Rows, error) {
	return s.db.QueryContext(ctx, in.Query)
}

func (s *store) metrics(w http.ResponseWriter, r *http.Request) {
	body := asked{Metrics: r.URL.Query()["metric"]}
	rows, err := s.seen(r.Context(), r.FormValue("table"), body) // fine: the statement is built here, the client sends its values
	if err == nil {
		_ = rows.Close()
	}
}

func (s *store) console(w http.ResponseWriter, r *http.Request) {
	rows, err := s.any(r.Context(), asked{Query: r.FormValue("query")}) // want: query CONCERN
	if err == nil {
		_ = rows.Close()
	}
}

func main() {
	db, err := sql.Open("clickhouse", "clickhouse://ch:9000/default")
	if err != nil {
		panic(err)
	}
	s := &store{db: db, database: os.Getenv("DATABASE")}
	http.HandleFunc("/metrics", s.metrics)
	http.HandleFunc("/console", s.console)
	_ = http.ListenAndServe(":8080", nil)
}
