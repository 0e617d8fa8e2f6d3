package main

import (
	"context"
	"log"
	"net/http"

	"github.com/redis/go-redis/v9"
)

type sessions struct{ client *redis.Client }

func (s *sessions) serve(w http.ResponseWriter, r *http.Request) {
	s.client.Get(context.Background(), r.URL.Path) // want: redis GOOD attempts=4
}

func main() {
	client := redis.NewClient(&redis.Options{Addr: "redis:6379", OnConnect: func(ctx context.Context, conn *redis.Conn) error {
		log.Println("connected", conn.String()) // ok: redis: how a connection is written asks nobody
		return nil
	}})
	http.HandleFunc("/", (&sessions{client: client}).serve)
	http.ListenAndServe(":8080", nil)
}
