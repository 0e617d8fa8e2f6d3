package main

import (
	"database/sql"
	"net/http"
)

// One pool for each shard: how many goroutines meet in one of them cannot be told.
type shards struct{ pools []*sql.DB }

func main() {
	s := &shards{}
	for _, address := range []string{"a", "b", "c"} {
		db, _ := sql.Open("postgres", address)
		db.SetMaxOpenConns(1)
		s.pools = append(s.pools, db)
	}
	for i := 0; i < 9; i++ {
		go s.run(i)
	}
	_ = http.ListenAndServe(":8080", nil)
}

func (s *shards) run(i int) {
	for {
		_, _ = s.pools[i%3].Exec("SELECT 1")
	}
}
