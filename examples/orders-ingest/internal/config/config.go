// Package config reads the service's settings from the environment, once, at start.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
)

// Modes of the one binary: the deployments run the API and the worker apart, a laptop runs both.
const (
	ModeAll    = "all"
	ModeAPI    = "api"
	ModeWorker = "worker"
)

// ClickHouse holds what the sink needs to connect.
type ClickHouse struct {
	Addrs        []string
	Database     string
	Username     string
	Password     string
	MaxOpenConns int
	DialTimeout  time.Duration
	QueryTimeout time.Duration
}

// Config is the whole configuration; zero values never mean "default" after Load.
type Config struct {
	Mode     string
	LogLevel slog.Level

	HTTPAddr         string
	OpsAddr          string
	APIMaxConcurrent int
	DrainTimeout     time.Duration

	AWSRegion   string
	AWSEndpoint string

	OrdersQueueURL           string
	RefundsQueueURL          string
	PollBatchSize            int
	PollWait                 time.Duration
	VisibilityTimeout        time.Duration
	RefundsVisibilityTimeout time.Duration
	WorkerConcurrency        int
	QueueDepth               int
	MaxInFlight              int

	OrdersTable   string
	DynamoTimeout time.Duration

	ClickHouse    ClickHouse
	BatchMaxRows  int
	FlushInterval time.Duration

	PricingURL      string
	PricingTimeout  time.Duration
	PricingAttempts int
	FXURL           string
	NotifyURL       string

	ReconcileInterval time.Duration
}

// Load reads the environment, fills in defaults and rejects values the service cannot run with.
func Load() (Config, error) {
	var env reader
	cfg := Config{
		Mode:     env.str("MODE", ModeAll),
		LogLevel: env.level("LOG_LEVEL", slog.LevelInfo),

		HTTPAddr:         env.str("HTTP_ADDR", ":8080"),
		OpsAddr:          env.str("OPS_ADDR", ":9090"),
		APIMaxConcurrent: env.integer("API_MAX_CONCURRENT", 200),
		DrainTimeout:     env.duration("DRAIN_TIMEOUT", 45*time.Second),

		AWSRegion:   env.str("AWS_REGION", "eu-central-1"),
		AWSEndpoint: env.str("AWS_ENDPOINT_URL", ""),

		OrdersQueueURL:           env.str("ORDERS_QUEUE_URL", ""),
		RefundsQueueURL:          env.str("REFUNDS_QUEUE_URL", ""),
		PollBatchSize:            env.integer("POLL_BATCH_SIZE", 10),
		PollWait:                 env.duration("POLL_WAIT", 20*time.Second),
		VisibilityTimeout:        env.duration("VISIBILITY_TIMEOUT", 30*time.Second),
		RefundsVisibilityTimeout: env.duration("REFUNDS_VISIBILITY_TIMEOUT", 180*time.Second),
		WorkerConcurrency:        env.integer("WORKER_CONCURRENCY", 8),
		QueueDepth:               env.integer("QUEUE_DEPTH", 16),
		MaxInFlight:              env.integer("MAX_IN_FLIGHT", 500),

		OrdersTable:   env.str("ORDERS_TABLE", "orders-state"),
		DynamoTimeout: env.duration("DYNAMO_TIMEOUT", 3*time.Second),

		ClickHouse: ClickHouse{
			Addrs:        strings.Split(env.str("CLICKHOUSE_ADDRS", "localhost:9000"), ","),
			Database:     env.str("CLICKHOUSE_DATABASE", "orders"),
			Username:     env.str("CLICKHOUSE_USERNAME", "default"),
			Password:     env.str("CLICKHOUSE_PASSWORD", ""),
			MaxOpenConns: env.integer("CLICKHOUSE_MAX_OPEN_CONNS", 10),
			DialTimeout:  env.duration("CLICKHOUSE_DIAL_TIMEOUT", 5*time.Second),
			QueryTimeout: env.duration("CLICKHOUSE_QUERY_TIMEOUT", 8*time.Second),
		},
		BatchMaxRows:  env.integer("BATCH_MAX_ROWS", 5000),
		FlushInterval: env.duration("FLUSH_INTERVAL", 2*time.Second),

		PricingURL:      env.str("PRICING_URL", "http://localhost:8081"),
		PricingTimeout:  env.duration("PRICING_TIMEOUT", 2*time.Second),
		PricingAttempts: env.integer("PRICING_ATTEMPTS", 3),
		FXURL:           env.str("FX_URL", "http://localhost:8082"),
		NotifyURL:       env.str("NOTIFY_URL", ""),

		ReconcileInterval: env.duration("RECONCILE_INTERVAL", 5*time.Minute),
	}
	if err := errors.Join(append(env.errs, cfg.check()...)...); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	return cfg, nil
}

// RunsAPI reports whether this process serves the public API.
func (c Config) RunsAPI() bool { return c.Mode == ModeAll || c.Mode == ModeAPI }

// RunsWorker reports whether this process consumes the queues.
func (c Config) RunsWorker() bool { return c.Mode == ModeAll || c.Mode == ModeWorker }

func (c Config) check() []error {
	var errs []error
	if c.Mode != ModeAll && c.Mode != ModeAPI && c.Mode != ModeWorker {
		errs = append(errs, fmt.Errorf("MODE %q is not one of all, api, worker", c.Mode))
	}
	if c.OrdersQueueURL == "" {
		errs = append(errs, errors.New("ORDERS_QUEUE_URL is required"))
	}
	// SQS hands out at most ten messages a call.
	if c.PollBatchSize < 1 || c.PollBatchSize > 10 {
		errs = append(errs, fmt.Errorf("POLL_BATCH_SIZE %d is outside 1..10", c.PollBatchSize))
	}
	if c.WorkerConcurrency < 1 || c.WorkerConcurrency > 64 {
		errs = append(errs, fmt.Errorf("WORKER_CONCURRENCY %d is outside 1..64", c.WorkerConcurrency))
	}
	if c.BatchMaxRows < 1 || c.BatchMaxRows > 100_000 {
		errs = append(errs, fmt.Errorf("BATCH_MAX_ROWS %d is outside 1..100000", c.BatchMaxRows))
	}
	if c.FlushInterval <= 0 {
		errs = append(errs, errors.New("FLUSH_INTERVAL must be positive"))
	}
	return errs
}

// reader collects every bad variable, so that one failed start names them all.
type reader struct {
	errs []error
}

func (r *reader) str(key, fallback string) string {
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

func (r *reader) level(key string, fallback slog.Level) slog.Level {
	value, ok := os.LookupEnv(key)
	if !ok {
		return fallback
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(value)); err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s: %w", key, err))
		return fallback
	}
	return level
}
