-- +goose Up
CREATE TABLE IF NOT EXISTS orders_latest
(
    tenant_id  LowCardinality(String),
    order_id   String,
    version    Int64,
    status     LowCardinality(String),
    currency   LowCardinality(String),
    total      Int64,
    created_at DateTime
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(created_at)
ORDER BY (tenant_id, order_id)
TTL created_at + INTERVAL 5 YEAR;

-- The lines of one event always arrive in one insert, so the sum over a block is the order's total.
CREATE MATERIALIZED VIEW IF NOT EXISTS orders_latest_mv TO orders_latest AS
SELECT
    tenant_id,
    order_id,
    version,
    any(status)      AS status,
    any(currency)    AS currency,
    sum(amount)      AS total,
    any(created_at)  AS created_at
FROM order_events
GROUP BY tenant_id, order_id, version;

-- +goose Down
DROP VIEW IF EXISTS orders_latest_mv;
DROP TABLE IF EXISTS orders_latest;
