module go.example.com/telemetry-sink

go 1.24

require (
	github.com/ClickHouse/clickhouse-go/v2 v2.34.0
	github.com/cenkalti/backoff/v4 v4.3.0
	github.com/prometheus/client_golang v1.22.0
	github.com/twmb/franz-go v1.18.1
	golang.org/x/sync v0.13.0
)
