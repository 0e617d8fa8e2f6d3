module go.example.com/catalog-api

go 1.24

require (
	github.com/ClickHouse/clickhouse-go/v2 v2.34.0
	github.com/aws/aws-sdk-go-v2 v1.36.3
	github.com/aws/aws-sdk-go-v2/config v1.29.14
	github.com/aws/aws-sdk-go-v2/service/dynamodb v1.42.4
	github.com/hashicorp/golang-lru/v2 v2.0.7
	github.com/prometheus/client_golang v1.22.0
)
