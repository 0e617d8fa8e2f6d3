CREATE TABLE product_views
(
    product String,
    tenant  LowCardinality(String),
    at      DateTime
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (product, at)
TTL at + INTERVAL 2 YEAR;
