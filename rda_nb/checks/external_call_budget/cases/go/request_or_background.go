package main

import (
	"context"
	"net/http"
	"time"

	"github.com/docker/docker/client"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type engine struct {
	ctx context.Context
	cli *client.Client
}

// A request's deadline bounds it before the client's timeout; the loop in the background has the client's alone.
func (e *engine) ping(ctx context.Context) error {
	_, err := e.cli.Ping(ctx) // want: other CONCERN timeout_s=20 timeout_source=context worst_case_s=300 elsewhere=5_min
	return err
}

func (e *engine) info(ctx context.Context) error {
	_, err := e.cli.Info(ctx) // want: other GOOD timeout_s=20 worst_case_s=20
	return err
}

func (e *engine) run(w http.ResponseWriter, r *http.Request) {
	_ = e.ping(r.Context())
	_ = e.info(r.Context())
}

func (e *engine) watch() {
	for range time.Tick(time.Minute) {
		_ = e.ping(e.ctx)
	}
}

func main() {
	cli, err := client.NewClientWithOpts(client.WithTimeout(5 * time.Minute))
	if err != nil {
		panic(err)
	}
	e := &engine{ctx: context.Background(), cli: cli}
	go e.watch()
	r := chi.NewRouter()
	r.Use(middleware.Timeout(20 * time.Second))
	r.Post("/run", e.run)
	_ = http.ListenAndServe(":8080", r)
}
