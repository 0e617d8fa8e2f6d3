// A client that is opened without a limit has that of its library, where the library has one that callers can reach.
package main

import (
	"context"
	"os"

	"github.com/ClickHouse/clickhouse-go/v2"
)

type stores struct{ small, large clickhouse.Conn }

func open() (*stores, error) {
	small, err := clickhouse.Open(&clickhouse.Options{Addr: []string{os.Getenv("CLICKHOUSE")}}) // want: pool_size GOOD value=10
	if err != nil {
		return nil, err
	}
	large, err := clickhouse.Open(&clickhouse.Options{
		Addr:         []string{os.Getenv("CLICKHOUSE")},
		MaxOpenConns: 40, // want: pool_size GOOD value=40
	})
	return &stores{small, large}, err
}

func main() {
	s, err := open()
	if err != nil {
		panic(err)
	}
	s.small.Exec(context.Background(), "SELECT 1")
	s.large.Exec(context.Background(), "SELECT 1")
}
