package main

import (
	"database/sql"
	"net/http"
)

type workers struct{ queue chan func() }

func (w *workers) Submit(job func()) { w.queue <- job }

func (w *workers) run() {
	for job := range w.queue {
		job()
	}
}

type parser struct {
	store *sql.DB
	pool  *workers
}

// Twelve goroutines parse; what they hand over is stored by the one worker of the pool.
func (p *parser) parse(lines chan string) {
	for line := range lines {
		p.pool.Submit(func() { _, _ = p.store.Exec("INSERT INTO lines VALUES ($1)", line) })
	}
}

func main() {
	store, _ := sql.Open("postgres", "postgres://lines")
	store.SetMaxOpenConns(5)
	p := &parser{store: store, pool: &workers{queue: make(chan func(), 16)}}
	go p.pool.run()
	lines := make(chan string)
	for i := 0; i < 12; i++ {
		go p.parse(lines)
	}
	_ = http.ListenAndServe(":8080", nil)
}
