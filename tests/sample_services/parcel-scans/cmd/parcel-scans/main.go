// parcel-scans stores the scans of parcels and answers where a parcel is.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/prometheus/client_golang/prometheus"

	"go.example.com/parcel-scans/internal/api"
	"go.example.com/parcel-scans/internal/config"
	"go.example.com/parcel-scans/internal/consumer"
	"go.example.com/parcel-scans/internal/depot"
	"go.example.com/parcel-scans/internal/metrics"
	"go.example.com/parcel-scans/internal/sink"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger) error {
	cfg, err := config.Load()
	if err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("aws configuration: %w", err)
	}
	conn, err := sink.Open(cfg)
	if err != nil {
		return fmt.Errorf("clickhouse: %w", err)
	}
	defer conn.Close()

	registry := prometheus.NewRegistry()
	m := metrics.New(registry)
	depots := depot.New(cfg.DepotURL, m)
	writer := sink.NewWriter(conn, cfg, m)
	scans := consumer.New(sqs.NewFromConfig(aws), depots, writer, cfg, m, log)
	handlers := api.New(conn, cfg, m, registry, log)
	server, operations := handlers.Server(), handlers.Operations(cfg.OpsAddr)

	served := make(chan error, 2)
	go func() { served <- operations.ListenAndServe() }()
	go func() { served <- server.ListenAndServe() }()
	consumed := make(chan struct{})
	go func() {
		defer close(consumed)
		scans.Run(ctx)
	}()

	select {
	case err = <-served:
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), cfg.DrainTimeout)
	defer cancel()
	if stopErr := server.Shutdown(drain); stopErr != nil {
		log.Warn("requests cut off", "error", stopErr)
	}
	select {
	case <-consumed:
	case <-drain.Done():
		log.Warn("consumer cut off")
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
