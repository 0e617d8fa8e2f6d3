-- +goose Up
CREATE TABLE IF NOT EXISTS sku_daily
(
    day       Date,
    tenant_id LowCardinality(String),
    sku       String,
    quantity  Int64,
    amount    Int64
)
ENGINE = SummingMergeTree
PARTITION BY day
ORDER BY (tenant_id, sku)
TTL day + INTERVAL 30 DAY;

CREATE MATERIALIZED VIEW IF NOT EXISTS sku_daily_mv TO sku_daily AS
SELECT
    toDate(event_time) AS day,
    tenant_id,
    sku,
    sum(quantity)      AS quantity,
    sum(amount)        AS amount
FROM order_events
WHERE status = 'paid'
GROUP BY day, tenant_id, sku;

-- +goose Down
DROP VIEW IF EXISTS sku_daily_mv;
DROP TABLE IF EXISTS sku_daily;
