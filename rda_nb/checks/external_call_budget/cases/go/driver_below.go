package main

import (
	"net/http"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// The pool is the standard library's; how long a read may take is the driver's.
func main() {
	db := clickhouse.OpenDB(&clickhouse.Options{Addr: []string{"clickhouse:9000"}})
	http.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) {
		var count int
		_ = db.QueryRow("SELECT count() FROM orders").Scan(&count) // want: clickhouse RISK timeout_s=300
	})
	_ = http.ListenAndServe(":8080", nil)
}
