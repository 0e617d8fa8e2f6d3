// The context of a tomb without a parent ends with the tomb alone; that of a tomb made from a context is derived from it.
package main

import (
	"context"
	"net/http"
	"time"

	"gopkg.in/tomb.v2"
)

type keeper struct {
	tomb   tomb.Tomb
	client *http.Client
}

func (k *keeper) steps(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (k *keeper) migrate() error {
	ctx := k.tomb.Context(nil)
	return k.steps(ctx, func(ctx context.Context) error {
		request, _ := http.NewRequestWithContext(ctx, "GET", "http://tables/", nil)
		_, err := k.client.Do(request) // want: http CONCERN bounded=false
		return err
	})
}

func (k *keeper) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	own, _ := tomb.WithContext(ctx)
	request, _ := http.NewRequestWithContext(own.Context(nil), "GET", "http://leases/", nil)
	_, err := k.client.Do(request) // want: http GOOD timeout_s=3 worst_case_s=3
	return err
}

func main() {
	k := &keeper{client: &http.Client{}}
	k.tomb.Go(k.migrate)
	http.HandleFunc("/leases", func(w http.ResponseWriter, r *http.Request) { k.renew(r.Context()) })
	http.ListenAndServe(":8080", nil)
}
