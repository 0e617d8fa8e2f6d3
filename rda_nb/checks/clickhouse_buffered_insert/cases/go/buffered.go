package main

import (
	"io"
	"net/http"
	"strings"
	"time"
)

const clickhouseURL = "http://clickhouse:8123/"

type clickhouseBuffer struct {
	query string
	rows  []string
	count int
}

func (b *clickhouseBuffer) text() string { return b.query + strings.Join(b.rows, "\n") }

func (b *clickhouseBuffer) Flush() {
	_, _ = http.Post(clickhouseURL, "text/plain", strings.NewReader(b.text()))
	b.rows = nil
}

func (b *clickhouseBuffer) add(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.rows = append(b.rows, string(body))
	if len(b.rows) >= b.count { // want: batch GOOD value=5000
		b.Flush()
	}
}

func (b *clickhouseBuffer) tick() {
	ticker := time.NewTicker(time.Second)
	for {
		select {
		case <-ticker.C: // want: batch CONCERN value=1
			b.Flush()
		}
	}
}

func main() {
	b := &clickhouseBuffer{count: 5000}
	go b.tick()
	http.HandleFunc("/", b.add)
	_ = http.ListenAndServe(":8080", nil)
}
