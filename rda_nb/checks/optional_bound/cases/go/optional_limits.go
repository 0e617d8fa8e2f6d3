package main

import (
	"net/http"
	"sync"
	"time"

	"github.com/caarlos0/env/v11"
)

type Config struct {
	MaxConcurrency *int           `env:"MAX_CONCURRENCY"`
	MaxEntries     *int           `env:"MAX_ENTRIES"`
	EntryTTL       *time.Duration `env:"ENTRY_TTL"`
	MaxBodyBytes   int            `env:"MAX_BODY_BYTES"`
	MaxRows        int            `env:"MAX_ROWS" envDefault:"500"`
	WorkerLimit    *int           `env:"WORKER_LIMIT"`
}

type limits struct {
	MemoryLimit int
	CPULimit    int
}

type server struct {
	cfg     Config
	mu      sync.Mutex
	active  int
	entries map[string]time.Time
}

var defaults = limits{MemoryLimit: 1 << 30, CPULimit: 2}

func newLimits(memory int) limits {
	return limits{
		MemoryLimit: memory, // want: resource_limit CONCERN value=0
		CPULimit:    4,      // fine: a number of its own
	}
}

type sizes struct {
	MemoryMB int `env:"MEMORY_MB"`
}

func (s *server) take(w http.ResponseWriter, r *http.Request) {
	running := s.add(1)
	defer s.add(-1)
	if s.cfg.MaxConcurrency != nil && running > *s.cfg.MaxConcurrency { // want: concurrency CONCERN bounded=false
		http.Error(w, "busy", http.StatusTooManyRequests)
		return
	}
	if len(s.entries) > *s.cfg.MaxEntries { // want: resource_limit CONCERN
		s.entries = map[string]time.Time{}
	}
	if s.cfg.EntryTTL == nil { // want: cache_bound CONCERN bounded=false
		return
	}
	if s.cfg.MaxBodyBytes > 0 { // want: payload_limit CONCERN value=0
		r.Body = http.MaxBytesReader(w, r.Body, int64(s.cfg.MaxBodyBytes))
	}
	// A default in the code: nothing is off.
	if s.cfg.MaxRows > 0 {
		s.active = s.cfg.MaxRows
	}
}

func (s *server) add(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active += n
	return s.active
}

// A check refuses; a default is filled in: neither applies a bound.
func (c *Config) validate() error {
	if c.WorkerLimit == nil {
		eight := 8
		c.WorkerLimit = &eight
	}
	return nil
}

func main() {
	var cfg Config
	_ = env.Parse(&cfg)
	_ = cfg.validate()
	var s sizes
	_ = env.Parse(&s)
	_ = newLimits(s.MemoryMB)
	srv := &server{cfg: cfg, entries: map[string]time.Time{}}
	http.HandleFunc("/take", srv.take)
	_ = http.ListenAndServe(":8080", nil)
}
