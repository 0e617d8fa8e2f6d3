package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
)

type sessions struct{ client *redis.Client }

// The limits are given to one of the two: the other has the library's.
func open(address string) (*redis.Client, error) {
	if address == "" {
		return redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "sessions", ReadTimeout: time.Second}), nil
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	return redis.NewClient(options), nil
}

func (s *sessions) serve(w http.ResponseWriter, r *http.Request) {
	s.client.Get(context.Background(), r.URL.Path) // want: redis GOOD timeout_s=5 worst_case=165.77
}

func main() {
	client, err := open(os.Getenv("REDIS"))
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", (&sessions{client: client}).serve)
	http.ListenAndServe(":8080", nil)
}
