package main

import (
	"net/http"
	"time"
)

// Duration is read from a file as text; every option of the configuration is one.
type Duration struct {
	time.Duration
}

func (d *Duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// Value is the duration, zero when none is set.
func (d *Duration) Value() time.Duration {
	if d == nil {
		var none time.Duration
		return none
	}
	return d.Duration
}

type config struct {
	Timeout *Duration `toml:"timeout"`
	Wait    Duration  `toml:"wait"`
	Keep    *Duration `toml:"keep"`
}

func read() *config {
	cfg := &config{Wait: Duration{Duration: 7 * time.Second}, Keep: &Duration{Duration: 12 * time.Hour}}
	if cfg.Timeout == nil {
		cfg.Timeout = &Duration{Duration: time.Minute}
	}
	return cfg
}

// Each option has its own value, though all are of one type.
func clients(cfg *config) (*http.Client, *http.Client) {
	one := &http.Client{
		Timeout: cfg.Timeout.Value(), // want: http GOOD timeout_s=60
	}
	two := &http.Client{
		Timeout: cfg.Wait.Duration, // want: http GOOD timeout_s=7
	}
	return one, two
}

func main() {
	one, two := clients(read())
	one.Get("http://rates/")
	two.Get("http://rates/")
}
