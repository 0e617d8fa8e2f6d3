package main

import (
	"net/http"
	"runtime"
	"strconv"

	"github.com/caarlos0/env/v11"
)

type Config struct {
	MaxWorkers    int `env:"MAX_WORKERS"`
	MaxQueries    int `env:"MAX_QUERIES"`
	MaxInflight   int `env:"MAX_INFLIGHT"`
	MaxConcurrent int `env:"MAX_CONCURRENT"`
	MaxParallel   int `env:"MAX_PARALLEL"`
	MaxThreads    int `env:"MAX_THREADS"`
}

type server struct {
	cfg Config
}

func (s *server) take(w http.ResponseWriter, r *http.Request) {
	var most int
	// fine: unset, the number of processors takes its place.
	if s.cfg.MaxWorkers > 0 {
		most = s.cfg.MaxWorkers
	} else {
		most = 2 * runtime.GOMAXPROCS(0)
	}
	// fine: what stands there before holds when the setting is zero.
	queries := 16
	if s.cfg.MaxQueries > 0 {
		queries = s.cfg.MaxQueries
	}
	var inflight int
	if s.cfg.MaxInflight > 0 { // want: concurrency CONCERN value=0
		inflight = s.cfg.MaxInflight
	} else {
		most++
	}
	concurrent := 0
	if s.cfg.MaxConcurrent > 0 { // want: concurrency CONCERN value=0
		concurrent = s.cfg.MaxConcurrent
	}
	options := []int{1}
	if s.cfg.MaxParallel > 0 { // want: concurrency CONCERN value=0
		options = append(options, s.cfg.MaxParallel)
	}
	query := "SELECT *"
	if s.cfg.MaxThreads > 0 { // want: concurrency CONCERN value=0
		query += strconv.Itoa(s.cfg.MaxThreads)
	}
	println(len(options), query)
	println(most, queries, inflight, concurrent)
}

func main() {
	s := &server{}
	env.Parse(&s.cfg)
	http.HandleFunc("/", s.take)
	http.ListenAndServe(":8080", nil)
}
