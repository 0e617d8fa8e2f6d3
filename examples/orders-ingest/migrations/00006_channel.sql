-- +goose Up
ALTER TABLE order_events ADD COLUMN IF NOT EXISTS channel LowCardinality(String) DEFAULT 'web';

-- One-off: until February 2025 the shops marked till sales by their tenant id only.
ALTER TABLE order_events UPDATE channel = 'till' WHERE tenant_id LIKE 'till-%' AND event_time < '2025-02-01 00:00:00';

-- +goose Down
ALTER TABLE order_events DROP COLUMN IF EXISTS channel;
