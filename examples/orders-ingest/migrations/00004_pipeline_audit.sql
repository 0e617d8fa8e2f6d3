-- +goose Up
CREATE TABLE IF NOT EXISTS pipeline_audit
(
    at         DateTime,
    table_name LowCardinality(String),
    rows       UInt32,
    stored     Bool
)
ENGINE = MergeTree
PARTITION BY toStartOfHour(at)
ORDER BY (table_name, at)
TTL at + INTERVAL 90 DAY;

-- +goose Down
DROP TABLE IF EXISTS pipeline_audit;
