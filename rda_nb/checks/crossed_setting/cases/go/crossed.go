package main

import "time"

type limits struct {
	MaxQueryLength  int
	MaxOutputLength int
	ReadTimeout     time.Duration
	WriteTimeout    time.Duration
	MaxRetries      int
}

type options struct {
	MaxQueryLength  int
	MaxOutputLength int
	ReadTimeout     time.Duration
	WriteTimeout    time.Duration
	MaxAttempts     int
	MaxRetries      int
}

func defaults() limits {
	return limits{MaxQueryLength: 2500, MaxOutputLength: 25000, ReadTimeout: time.Second, WriteTimeout: time.Minute, MaxRetries: 3}
}

func newOptions() options {
	l := defaults()
	return options{
		MaxQueryLength:  l.MaxOutputLength, // want: payload_limit CONCERN value=25000
		MaxOutputLength: l.MaxOutputLength,
		ReadTimeout:     l.ReadTimeout, // fine: each its own
		WriteTimeout:    l.WriteTimeout,
		MaxAttempts:     l.MaxRetries, // fine: the source has no field of that name
		MaxRetries:      l.MaxRetries,
	}
}

func main() { _ = newOptions() }
