package main

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const defaultRange = 300

var active = "SELECT DISTINCT sid FROM %s WHERE timestamp >= addSeconds(now(), -%d)"

type loader struct {
	conn driver.Conn
	back int
}

func newLoader(conn driver.Conn) *loader { return &loader{conn: conn, back: defaultRange} }

func (l *loader) load(ctx context.Context) error {
	query := fmt.Sprintf(active, "series", l.back)
	_, err := l.conn.Query(ctx, query)
	return err
}

func (l *loader) recent(ctx context.Context) error {
	_, err := l.conn.Query(ctx, "SELECT sid FROM series WHERE timestamp >= now() - INTERVAL 2 DAY LIMIT 10") // want: query GOOD value=172800
	return err
}

func main() {
	conn, _ := clickhouse.Open(&clickhouse.Options{})
	l := newLoader(conn)
	_ = l.load(context.Background())
	_ = l.recent(context.Background())
}
