// A batch that is tried again until it is written is work of its own goroutine, and no schedule; a refresh is one, whether
// or not it has succeeded.
package main

import (
	"context"
	"database/sql"
	"log"
	"time"

	_ "github.com/lib/pq"
)

var delays = []time.Duration{2 * time.Second, 5 * time.Second, 30 * time.Second}

type worker struct {
	db     *sql.DB
	finish chan bool
	batch  []string
}

func (w *worker) work() { // want: background_loop CONCERN claim=goroutine:_worker.work_waits_for_postgres;_first_bottleneck:_SQL_exec_without_a_deadline_(tried_again.go:43).
	attempt := 0
	for {
		again := time.After(delays[attempt])
		if attempt < len(delays)-1 {
			attempt++
		}
		select {
		case <-w.finish:
			return
		case <-again:
			if err := w.write(); err != nil {
				log.Printf("not written: %v", err)
			} else {
				return
			}
		}
	}
}

func (w *worker) write() error {
	_, err := w.db.Exec("INSERT INTO spans VALUES ($1)", w.batch)
	return err
}

func (w *worker) refresh(ctx context.Context) { // want: scheduled_job GOOD value=60
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
			bounded, cancel := context.WithTimeout(ctx, time.Second)
			if err := w.db.PingContext(bounded); err != nil {
				log.Printf("not there: %v", err)
			}
			cancel()
		}
	}
}

func take(ctx context.Context, db *sql.DB, batches <-chan []string) { // want: stream_processor GOOD
	for batch := range batches {
		w := &worker{db: db, finish: make(chan bool), batch: batch}
		go w.work()
	}
}

func main() { // want: cli_job GOOD
	db, err := sql.Open("postgres", "postgres://db/spans")
	if err != nil {
		log.Fatal(err)
	}
	batches := make(chan []string)
	go (&worker{db: db}).refresh(context.Background())
	take(context.Background(), db, batches)
}
