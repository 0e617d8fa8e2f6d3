package main

import (
	"database/sql"
	"flag"
	"net/http"
)

var open = flag.Int("max-open", 25, "open connections")

func pool(dsn string) *sql.DB {
	db, _ := sql.Open("postgres", dsn)
	db.SetMaxOpenConns(*open) // want: pool_size GOOD value=25 configurable=true
	db.SetMaxIdleConns(10)    // want: pool_size GOOD value=10 configurable=false
	return db
}

func unlimited(dsn string) *sql.DB {
	db, _ := sql.Open("postgres", dsn)
	db.SetMaxOpenConns(0) // want: pool_size CONCERN bounded=false
	return db
}

func clients() (*http.Client, *http.Client) {
	narrow := &http.Client{Transport: &http.Transport{}} // want: pool_size CONCERN value=2
	wide := &http.Transport{MaxIdleConns: 100}           // want: pool_size GOOD value=100
	wide.MaxIdleConnsPerHost = 32                        // want: pool_size GOOD value=32
	return narrow, &http.Client{Transport: wide}
}

func main() {
	pool("x")
	unlimited("y")
	clients()
}
