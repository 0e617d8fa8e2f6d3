package main

import (
	"database/sql"
	"net/http"
)

// What is beyond the limit is counted and not started.
type pool struct {
	batches chan []string
	done    chan int
	most    int
	refused int
	db      *sql.DB
}

func (p *pool) checkLimit(pending, more int) bool { return pending+more <= p.most }

func (p *pool) work() {
	pending := 0
	for {
		select {
		case batch := <-p.batches:
			if p.checkLimit(pending, len(batch)) {
				pending += len(batch)
				go p.write(batch)
			} else {
				p.refused += len(batch)
			}
		case n := <-p.done:
			pending -= n
		}
	}
}

func (p *pool) write(batch []string) {
	_, _ = p.db.Exec("INSERT INTO spans VALUES ($1)", batch[0])
	p.done <- len(batch)
}

func main() {
	p := &pool{batches: make(chan []string), done: make(chan int), most: 10_000}
	go p.work()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.batches <- []string{r.URL.Path} })
	_ = http.ListenAndServe(":8080", nil)
}
