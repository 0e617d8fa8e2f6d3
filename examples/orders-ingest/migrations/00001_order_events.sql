-- +goose Up
CREATE TABLE IF NOT EXISTS order_events
(
    tenant_id   LowCardinality(String),
    order_id    String,
    event_id    String,
    version     Int64,
    status      LowCardinality(String),
    currency    LowCardinality(String),
    sku         String,
    quantity    Int32,
    amount      Int64,
    list_price  Int64,
    created_at  DateTime,
    event_time  DateTime,
    ingested_at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree(ingested_at)
PARTITION BY toYYYYMMDD(event_time)
ORDER BY (tenant_id, order_id, event_id, sku)
TTL event_time + INTERVAL 5 YEAR;

-- +goose Down
DROP TABLE IF EXISTS order_events;
