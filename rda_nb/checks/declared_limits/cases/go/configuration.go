package main

import (
	"flag"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	defaultBatchSize = 500 // want: batch_size GOOD value=500 configurable=true
	maxObjectQuota   = 900 // want: resource_limit GOOD value=900
	maxRetries       = 3   // want: backoff GOOD value=3 configurable=false
	schemaVersion    = 12
	statusTooSlow    = 529
)

// What tells cases of the data apart limits nothing, nor does a place in a text.
const (
	maxGapSeconds        = 300
	largeSizeThreshold   = 400 * 1024
	signalCountThreshold = 10
	intervalPos          = 1
)

// Each name of a parallel definition has its own value.
var softRowLimit, hardRowLimit = 10, 100 // want: resource_limit GOOD value=10

const (
	fewestInBatch, maxBatchRows = 1, 4000 // want: batch_size GOOD value=4000
)

var defaultDrainTimeout, _ = time.ParseDuration("5s") // want: server_timeout GOOD value=5

// Kinds of an event: numbers that limit nothing.
const (
	maxKind = iota
	limitKind
)

var (
	drainTimeout = 30 * time.Second                                        // want: server_timeout GOOD value=30
	workers      = flag.Int("max-workers", 8, "parallel workers")          // want: concurrency GOOD value=8 configurable=true
	listen       = flag.Int("port", 8080, "port to listen on")             // ok: nothing
	poll         = flag.Int("poll-interval", 10, "poll interval in seconds") // want: poll_interval GOOD value=10 value.unit=s
)

// Config is read from a file.
type Config struct {
	BatchSize     int           `yaml:"batch_size"`
	FlushInterval time.Duration `yaml:"flush_interval"`
	CacheTTL      time.Duration `yaml:"cache_ttl"`
	QueueCapacity int           `yaml:"queue_capacity"`
	FlushRowsThreshold int      `yaml:"flush_rows_threshold"`
	WaitMillis    int           `yaml:"wait"`
}

func defaults() Config {
	return Config{
		BatchSize:     defaultBatchSize,
		FlushInterval: 2 * time.Second,            // want: flush_interval GOOD value=2 configurable=true
		CacheTTL:      time.Minute,                // want: cache_bound GOOD value=60
		FlushRowsThreshold: 50000, // want: batch_size GOOD value=50000 configurable=true
		QueueCapacity: number("QUEUE_CAPACITY", 64), // want: queue_bound GOOD value=64 value.config_key=QUEUE_CAPACITY
	}
}

func number(key string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return n
	}
	return fallback
}

// The values are passed on here; their defaults stand above.
func copied(c Config, maxItems int) Config {
	return Config{BatchSize: c.BatchSize, QueueCapacity: maxItems}
}

func main() {
	flag.Parse()
	c := copied(defaults(), *workers)
	attempts := 0 // ok: a counter
	bestInterval := time.Second // ok: where a search starts
	if attempts < maxRetries {
		bestInterval = time.Minute
	}
	for attempts < maxRetries {
		attempts++
	}
	http.ListenAndServe(":"+strconv.Itoa(*listen+schemaVersion+statusTooSlow+maxKind+limitKind+c.BatchSize+*poll+maxGapSeconds+largeSizeThreshold+signalCountThreshold+intervalPos+maxObjectQuota), nil)
	time.Sleep(drainTimeout + bestInterval)
}

// The unit stands in the name, wherever its number is declared.
type Server struct {
	MaxRecvMsgSizeInMB int   `default:"10"`  // want: payload_limit GOOD value=10000000 value.unit=bytes
	CacheSizeInMB      int64 `default:"100"` // want: cache_bound GOOD value=100000000 value.unit=bytes
	MaxBodySizeInKiB   int   `default:"64"`  // want: payload_limit GOOD value=65536 value.unit=bytes
	ReadTimeoutInMs    int   `default:"1500"` // want: server_timeout GOOD value=1.5 value.unit=s
	PollIntervalInSeconds int `default:"30"`  // want: poll_interval GOOD value=30 value.unit=s
}
