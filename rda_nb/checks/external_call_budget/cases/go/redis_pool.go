package main

import (
	"net/http"
	"time"

	"github.com/gomodule/redigo/redis"
)

type sessions struct{ pool *redis.Pool }

func newPool(addr string, options ...redis.DialOption) *redis.Pool {
	return &redis.Pool{MaxIdle: 3, Dial: func() (redis.Conn, error) {
		return redis.Dial("tcp", addr, redis.DialReadTimeout(2*time.Second), redis.DialWriteTimeout(time.Second)) // ok: other
	}}
}

func (s *sessions) handle(w http.ResponseWriter, r *http.Request) {
	conn := s.pool.Get() // a connection is made or taken: the commands on it wait
	defer conn.Close()
	conn.Do("GET", r.URL.Path) // want: redis GOOD timeout_s=2
}

func main() {
	http.HandleFunc("/", (&sessions{pool: newPool("redis:6379")}).handle)
	http.ListenAndServe(":8080", nil)
}
