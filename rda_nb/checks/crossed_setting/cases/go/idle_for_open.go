package main

import (
	"database/sql"
	"os"
	"strconv"
)

type config struct {
	MaxOpenConns int
	MaxIdleConns int
}

// The limit of open connections is given to the setter of idle ones.
func open(c config) *sql.DB {
	db, _ := sql.Open("postgres", "dsn")
	db.SetMaxIdleConns(c.MaxOpenConns) // want: pool_size CONCERN bounded=false
	return db
}

// fine: both are set, the idle ones as many as the open ones
func openBoth(c config) *sql.DB {
	db, _ := sql.Open("postgres", "dsn")
	db.SetMaxOpenConns(c.MaxOpenConns)
	db.SetMaxIdleConns(c.MaxOpenConns)
	return db
}

// fine: its own name
func openIdle(c config) *sql.DB {
	db, _ := sql.Open("postgres", "dsn")
	db.SetMaxIdleConns(c.MaxIdleConns)
	return db
}

func main() {
	most, _ := strconv.Atoi(os.Getenv("MAX_OPEN_CONNS"))
	c := config{MaxOpenConns: most, MaxIdleConns: 2}
	for _, db := range []*sql.DB{open(c), openBoth(c), openIdle(c)} {
		db.Close()
	}
}
