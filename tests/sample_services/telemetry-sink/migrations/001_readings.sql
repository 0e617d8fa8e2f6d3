CREATE TABLE readings
(
    tenant LowCardinality(String),
    device String,
    kind   LowCardinality(String),
    value  Float64,
    at     DateTime,
    stored DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree(stored)
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, kind, device, at)
TTL at + INTERVAL 90 DAY;
