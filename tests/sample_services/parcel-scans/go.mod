module go.example.com/parcel-scans

go 1.24

require (
	github.com/ClickHouse/clickhouse-go/v2 v2.30.0
	github.com/aws/aws-sdk-go-v2 v1.32.7
	github.com/aws/aws-sdk-go-v2/config v1.28.7
	github.com/aws/aws-sdk-go-v2/service/sqs v1.37.4
	github.com/prometheus/client_golang v1.20.5
	golang.org/x/sync v0.10.0
	golang.org/x/time v0.8.0
)
