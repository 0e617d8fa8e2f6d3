// Package config reads the settings from the environment, once, at start.
package config

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Config is the whole configuration.
type Config struct {
	Addr     string
	OpsAddr  string
	QueueURL string
	DepotURL string

	ClickHouseAddr string
	MaxOpenConns   int

	ScanWorkers       int
	PollMessages      int
	VisibilityTimeout time.Duration

	BatchRows     int
	FlushInterval time.Duration

	APIRate      int
	DrainTimeout time.Duration
}

// Load reads the environment and refuses values that the service cannot run with.
func Load() (Config, error) {
	var env reader
	cfg := Config{
		Addr:     env.text("ADDR", ":8080"),
		OpsAddr:  env.text("OPS_ADDR", ":9090"),
		QueueURL: env.text("SCANS_QUEUE_URL", ""),
		DepotURL: env.text("DEPOT_URL", "http://localhost:8081"),

		ClickHouseAddr: env.text("CLICKHOUSE_ADDR", "localhost:9000"),
		MaxOpenConns:   env.integer("CLICKHOUSE_MAX_OPEN_CONNS", 16),

		ScanWorkers:       env.integer("SCAN_WORKERS", 8),
		PollMessages:      env.integer("POLL_MESSAGES", 10),
		VisibilityTimeout: env.duration("VISIBILITY_TIMEOUT", 120*time.Second),

		BatchRows:     env.integer("BATCH_ROWS", 10000),
		FlushInterval: env.duration("FLUSH_INTERVAL", 2*time.Second),

		APIRate:      env.integer("API_RATE", 200),
		DrainTimeout: env.duration("DRAIN_TIMEOUT", 25*time.Second),
	}
	if cfg.QueueURL == "" {
		env.errs = append(env.errs, errors.New("SCANS_QUEUE_URL is required"))
	}
	if cfg.ScanWorkers < 1 || cfg.ScanWorkers > 64 {
		env.errs = append(env.errs, fmt.Errorf("SCAN_WORKERS %d is outside 1..64", cfg.ScanWorkers))
	}
	if cfg.PollMessages < 1 || cfg.PollMessages > 10 {
		env.errs = append(env.errs, fmt.Errorf("POLL_MESSAGES %d is outside 1..10", cfg.PollMessages))
	}
	if cfg.BatchRows < 1 || cfg.BatchRows > 100_000 {
		env.errs = append(env.errs, fmt.Errorf("BATCH_ROWS %d is outside 1..100000", cfg.BatchRows))
	}
	return cfg, errors.Join(env.errs...)
}

// reader collects every bad variable, so that one failed start names them all.
type reader struct {
	errs []error
}

func (r *reader) text(key, fallback string) string {
	if value, ok := os.LookupEnv(key); ok {
		return value
	}
	return fallback
}

func (r *reader) integer(key string, fallback int) int {
	value, ok := os.LookupEnv(key)
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s: %w", key, err))
		return fallback
	}
	return n
}

func (r *reader) duration(key string, fallback time.Duration) time.Duration {
	value, ok := os.LookupEnv(key)
	if !ok {
		return fallback
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s: %w", key, err))
		return fallback
	}
	return d
}
