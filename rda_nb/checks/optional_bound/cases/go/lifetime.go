// How long a connection lives is a time, whatever whole number it is written as: no size of a pool.
package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"time"
)

type config struct {
	MaxOpenConns          *int   `json:"max_open_conns"`
	ConnMaxLifetimeMillis *int64 `json:"conn_max_lifetime_millis"`
}

func open(cfg config) (*sql.DB, error) {
	db, err := sql.Open("postgres", "")
	if err != nil {
		return nil, err
	}
	if cfg.MaxOpenConns != nil { // want: pool_size CONCERN
		db.SetMaxOpenConns(*cfg.MaxOpenConns)
	}
	if cfg.ConnMaxLifetimeMillis != nil { // want: resource_limit CONCERN
		db.SetConnMaxLifetime(time.Millisecond * time.Duration(*cfg.ConnMaxLifetimeMillis))
	}
	return db, nil
}

func main() {
	var cfg config
	text, _ := os.ReadFile("service.json")
	_ = json.Unmarshal(text, &cfg)
	_, _ = open(cfg)
}
