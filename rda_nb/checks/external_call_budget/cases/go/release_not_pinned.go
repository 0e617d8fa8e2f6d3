package main

import (
	"context"
	"net/http"

	"github.com/redis/go-redis/v9"
)

type counts struct{ db *redis.Client }

// A part of a module says nothing of the releases that it is built with.
func (c *counts) count(w http.ResponseWriter, r *http.Request) {
	c.db.Incr(context.Background(), r.URL.Path) // want: redis CONCERN claim=Redis_command_ends_after_at_most_165.77_s_(2.8_min)_with_up_to_4_attempts_(without_the_greeting_of_a_new_connection;_by_the_defaults_of_v9.22.0:_the_target_pins_no_release).
}

func main() {
	c := &counts{db: redis.NewClient(&redis.Options{Addr: "redis:6379"})}
	http.HandleFunc("/", c.count)
	http.ListenAndServe(":8080", nil)
}
