// A setting that is applied only where it is not 0 leaves its library's default where nobody sets it.
package main

import (
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

type settings struct {
	ReadTimeout time.Duration `env:"REDIS_READ_TIMEOUT"`
	MaxRetries  int           `env:"REDIS_MAX_RETRIES"`
}

type cache struct{ client *redis.Client }

func open(s settings) *cache {
	o := &redis.Options{Addr: "redis:6379", PoolTimeout: time.Second, DialTimeout: time.Second, WriteTimeout: time.Second}
	if s.ReadTimeout != 0 {
		o.ReadTimeout = s.ReadTimeout
	}
	if s.MaxRetries > 0 {
		o.MaxRetries = s.MaxRetries
	}
	return &cache{redis.NewClient(o)}
}

func (c *cache) get(w http.ResponseWriter, r *http.Request) {
	c.client.Get(r.Context(), r.URL.Path) // want: redis GOOD attempts=4
}

func main() {
	retries, _ := strconv.Atoi(os.Getenv("RETRIES"))
	c := open(settings{MaxRetries: retries})
	http.HandleFunc("/", c.get)
	http.ListenAndServe(":8080", nil)
}
