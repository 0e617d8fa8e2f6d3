-- +goose Up
CREATE TABLE IF NOT EXISTS refund_events
(
    tenant_id   LowCardinality(String),
    refund_id   String,
    order_id    String,
    amount      Int64,
    reason      LowCardinality(String),
    refunded_at DateTime
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(refunded_at)
ORDER BY (tenant_id, refund_id);

-- +goose Down
DROP TABLE IF EXISTS refund_events;
