package main

import (
	"net/http"
	"time"

	"github.com/gomodule/redigo/redis"
)

type sessions struct{ pool *redis.Pool }

// The library's dialer has a timeout of its own, and so has the handshake; the commands have none.
func newPool(address string) *redis.Pool {
	return &redis.Pool{Dial: func() (redis.Conn, error) {
		return redis.DialURL(address) // want: redis GOOD timeout_s=30 worst_case=40
	}}
}

func (s *sessions) handle(w http.ResponseWriter, r *http.Request) {
	conn := s.pool.Get()
	defer conn.Close()
	conn.Do("GET", r.URL.Path) // want: redis CONCERN bounded=false
	if near, err := redis.Dial("tcp", "near:6379", redis.DialConnectTimeout(2*time.Second)); err == nil { // want: redis GOOD timeout_s=2 worst_case=12
		near.Close()
	}
}

func main() {
	http.HandleFunc("/", (&sessions{pool: newPool("redis://redis:6379")}).handle)
	http.ListenAndServe(":8080", nil)
}
