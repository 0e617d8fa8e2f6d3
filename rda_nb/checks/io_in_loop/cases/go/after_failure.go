package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/redis/go-redis/v9"
)

type node struct {
	client *redis.Client
	pods   []string
}

func (n *node) drain(w http.ResponseWriter, r *http.Request) {
	if err := n.evict(r.Context()); err != nil {
		n.force(r.Context()) // fine: it runs when eviction has failed
	}
	n.mark(r.Context())
}

func (n *node) evict(ctx context.Context) error {
	if len(n.pods) > 9 {
		return errors.New("too many")
	}
	return nil
}

func (n *node) force(ctx context.Context) {
	for _, pod := range n.pods {
		n.client.Del(ctx, pod)
	}
}

func (n *node) mark(ctx context.Context) {
	for _, pod := range n.pods {
		n.client.Get(ctx, pod) // want: n_plus_one CONCERN
	}
}

func main() {
	n := &node{client: redis.NewClient(&redis.Options{})}
	http.HandleFunc("POST /drain", n.drain)
	http.ListenAndServe(":8080", nil)
}
