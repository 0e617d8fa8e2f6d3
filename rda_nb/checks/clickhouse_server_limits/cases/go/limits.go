package main

import (
	"github.com/ClickHouse/clickhouse-go/v2"
)

const seconds = 20

func unlimited() {
	_, _ = clickhouse.Open(&clickhouse.Options{
		Settings: clickhouse.Settings{
			"max_execution_time": 0, // want: query CONCERN
		},
	})
}

// ok: query: a limit is set
func limited(limit int) {
	_, _ = clickhouse.Open(&clickhouse.Options{
		Settings: map[string]any{"max_execution_time": seconds}, // want: query GOOD
	})
	_, _ = clickhouse.Open(&clickhouse.Options{
		Settings: map[string]any{"max_execution_time": limit}, // want: query GOOD
	})
}

// ok: query: a map of something else that happens to use the word
var labels = map[string]string{"max_time": "0"}
