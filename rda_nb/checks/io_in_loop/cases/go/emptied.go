// A list that is emptied item by item costs a round trip for each; work that is taken and done one by one is no such list.
package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/gomodule/redigo/redis"
)

var errEmpty = errors.New("empty")

type storage interface{ Get() ([]byte, error) }

type list struct {
	pool *redis.Pool
	key  string
}

func (l *list) Get() ([]byte, error) {
	conn := l.pool.Get()
	defer conn.Close()
	found, err := redis.Bytes(conn.Do("LPOP", l.key))
	if err == redis.ErrNil {
		return nil, errEmpty
	}
	return found, err
}

type worker struct {
	store storage
	rows  [][]byte
}

func (w *worker) fill() {
	for {
		row, err := w.store.Get() // want: n_plus_one CONCERN
		if err != nil {
			if err == errEmpty {
				break
			}
			continue
		}
		w.rows = append(w.rows, row)
	}
}

// fine: it waits for the next item
func (w *worker) follow() {
	for {
		row, err := w.store.Get()
		if err == errEmpty {
			time.Sleep(time.Second)
			continue
		}
		if err != nil {
			return
		}
		w.rows = append(w.rows, row)
	}
}

// fine: each item is work of its own
func (w *worker) forward() {
	for {
		row, err := w.store.Get()
		if err != nil {
			return
		}
		resp, err := http.Get("http://peer/" + string(row))
		if err == nil {
			resp.Body.Close()
		}
	}
}

// fine: the command takes a hundred
func (w *worker) many(conn redis.Conn) {
	for {
		rows, err := redis.ByteSlices(conn.Do("LPOP", "rows", 100))
		if err != nil {
			return
		}
		w.rows = append(w.rows, rows...)
	}
}

func main() {
	pool := &redis.Pool{Dial: func() (redis.Conn, error) { return redis.Dial("tcp", "redis:6379") }}
	w := &worker{store: &list{pool: pool, key: "rows"}}
	go w.follow()
	go w.forward()
	go w.many(pool.Get())
	for range time.Tick(time.Minute) {
		w.fill()
	}
}
