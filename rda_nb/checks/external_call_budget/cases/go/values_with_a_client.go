package main

import (
	"context"
	"net/http"
	"time"

	"github.com/uptrace/bun"
)

type attempt struct {
	client *http.Client
	status int
}

// What a statement is given says nothing of how long it may take.
func record(db *bun.DB, made *attempt) {
	db.NewInsert().Model(made).Exec(context.Background()) // want: other RISK bounded=false
}

func main() {
	db := bun.NewDB(nil, nil)
	made := &attempt{client: &http.Client{Timeout: 30 * time.Second}}
	http.HandleFunc("/attempts", func(w http.ResponseWriter, r *http.Request) {
		record(db, made)
	})
	http.ListenAndServe(":8080", nil)
}
