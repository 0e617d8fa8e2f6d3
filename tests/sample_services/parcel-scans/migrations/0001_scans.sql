-- +goose Up
CREATE TABLE scans
(
    parcel_id   String,
    depot       LowCardinality(String),
    depot_name  LowCardinality(String),
    kind        LowCardinality(String),
    scanned_at  DateTime64(3, 'UTC'),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(inserted_at)
PARTITION BY toYYYYMM(scanned_at)
ORDER BY (parcel_id, scanned_at, kind)
TTL toDateTime(scanned_at) + INTERVAL 90 DAY;

-- +goose Down
DROP TABLE scans;
