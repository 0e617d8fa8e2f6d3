// clickhouse-go's ReadTimeout bounds one read block: an insert or query has no bound while the server keeps answering.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

type sink struct{ conn driver.Conn }

func (s *sink) write(w http.ResponseWriter, r *http.Request) {
	// The request's own context ends with its client, and has no deadline.
	batch, err := s.conn.PrepareBatch(r.Context(), "INSERT INTO events") // want: clickhouse CONCERN bounded=false timeout_s=20
	if err != nil {
		return
	}
	batch.Append(time.Now(), r.URL.Path)
	batch.Send() // want: clickhouse CONCERN bounded=false timeout_s=20
	s.conn.Exec(context.Background(), "OPTIMIZE TABLE events") // want: clickhouse RISK bounded=false timeout_s=20
}

func (s *sink) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	s.conn.Ping(ctx) // want: clickhouse GOOD timeout_s=2 worst_case_s=2
}

func main() {
	conn, _ := clickhouse.Open(&clickhouse.Options{
		Addr:        []string{"clickhouse:9000"},
		DialTimeout: 5 * time.Second,
		ReadTimeout: 20 * time.Second,
	})
	s := &sink{conn: conn}
	http.HandleFunc("/events", s.write)
	http.HandleFunc("/health", s.health)
	http.ListenAndServe(":8080", nil)
}
