package main

import (
	"net/http"
	"runtime"

	"github.com/redis/go-redis/v9"
)

type pages struct{ client *redis.Client }

func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	p.client.Get(r.Context(), r.URL.Path)
}

func main() {
	client := redis.NewClient(&redis.Options{
		Addr:       "redis:6379",
		MaxRetries: 0,                          // ok: backoff
		PoolSize:   8 * runtime.GOMAXPROCS(0), // asks how many there are, and sets nothing; ok: concurrency
	})
	http.HandleFunc("/", (&pages{client: client}).show)
	http.ListenAndServe(":8080", nil)
}
