package main

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func main() {
	conn, _ := clickhouse.Open(&clickhouse.Options{
		Settings: clickhouse.Settings{"async_insert": 1, "wait_for_async_insert": 0}, // want: async_insert RISK cause=unwaited
	})
	conn.Exec(context.Background(), "INSERT INTO task SETTINGS async_insert=1, wait_for_async_insert=0 VALUES (1)") // want: async_insert RISK cause=unwaited
}
