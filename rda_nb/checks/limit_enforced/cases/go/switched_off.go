package main

import (
	"errors"
	"net/http"

	"github.com/caarlos0/env/v11"
)

type Config struct {
	MaxInflight int `env:"MAX_INFLIGHT"`
	MaxConcurrency int `env:"MAX_CONCURRENCY" envDefault:"64"`
	MaxConcurrent int `env:"MAX_CONCURRENT"`
}

type server struct {
	cfg    Config
	active int
}

func (s *server) take(w http.ResponseWriter, r *http.Request) {
	s.active++
	// fine: off unless it is set, which is told as an optional bound.
	if s.cfg.MaxInflight > 0 && s.active > s.cfg.MaxInflight {
		http.Error(w, "busy", http.StatusTooManyRequests)
		return
	}
	// fine: the same setting, with an error.
	if err := s.check(); err != nil {
		return
	}
	if s.cfg.MaxConcurrency > 0 && s.active > s.cfg.MaxConcurrency { // want: concurrency GOOD value=64
		http.Error(w, "busy", http.StatusTooManyRequests)
		return
	}
	if s.active > s.cfg.MaxConcurrent { // want: concurrency GOOD
		http.Error(w, "busy", http.StatusTooManyRequests)
	}
}

func (s *server) check() error {
	if s.cfg.MaxInflight > 0 && s.active > s.cfg.MaxInflight {
		return errors.New("busy")
	}
	return nil
}

func main() {
	s := &server{}
	env.Parse(&s.cfg)
	http.HandleFunc("/", s.take)
	http.ListenAndServe(":8080", nil)
}
