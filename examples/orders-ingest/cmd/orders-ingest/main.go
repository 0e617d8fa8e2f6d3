// Command orders-ingest takes order events from SQS to ClickHouse and serves the orders API.
//
//	orders-ingest                             run (MODE=all, api or worker)
//	orders-ingest replay -file F -rate N      send recorded events again
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"go.example.com/orders-ingest/internal/api"
	"go.example.com/orders-ingest/internal/config"
	"go.example.com/orders-ingest/internal/enrich"
	"go.example.com/orders-ingest/internal/metrics"
	"go.example.com/orders-ingest/internal/notify"
	"go.example.com/orders-ingest/internal/queue"
	"go.example.com/orders-ingest/internal/replay"
	"go.example.com/orders-ingest/internal/sink"
	"go.example.com/orders-ingest/internal/store"
	"go.example.com/orders-ingest/internal/worker"
)

// awsCallTimeout bounds one HTTP exchange with AWS; it must stay above the twenty seconds of a long poll.
const awsCallTimeout = 25 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	var err error
	if len(os.Args) > 1 && os.Args[1] == "replay" {
		err = runReplay(ctx, os.Args[2:])
	} else {
		err = run(ctx)
	}
	if err != nil {
		slog.Error("orders-ingest stopped", "error", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := config.Load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: cfg.LogLevel}))
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := metrics.New(registry)

	awsCfg, err := loadAWS(ctx, cfg)
	if err != nil {
		return err
	}
	queues := sqs.NewFromConfig(awsCfg)
	orders := store.New(dynamodb.NewFromConfig(awsCfg), cfg.OrdersTable, cfg.DynamoTimeout)

	conn, err := sink.Open(cfg.ClickHouse)
	if err != nil {
		return err
	}
	defer conn.Close()
	writer := sink.NewWriter(conn, cfg.BatchMaxRows, cfg.FlushInterval, m, log)
	go writer.Run()

	handlers := api.New(
		orders, sink.NewReports(conn, cfg.ClickHouse.QueryTimeout), queue.NewProducer(queues, cfg.OrdersQueueURL),
		enrich.NewFX(cfg.FXURL), notify.New(cfg.NotifyURL, log), m, log,
	)

	group, runCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(runCtx, handlers.OpsServer(cfg.OpsAddr, registry), cfg.DrainTimeout) })
	if cfg.RunsAPI() {
		group.Go(func() error {
			return serve(runCtx, handlers.Server(cfg.HTTPAddr, cfg.APIMaxConcurrent), cfg.DrainTimeout)
		})
	}
	if cfg.RunsWorker() {
		pricing := enrich.NewPricing(cfg.PricingURL, cfg.PricingTimeout, cfg.PricingAttempts)
		processor := worker.NewProcessor(orders, pricing, writer, m, log)
		consumer := worker.NewConsumer(queues, cfg, processor, m, log)
		group.Go(func() error { return consumer.Run(runCtx) })
		if cfg.RefundsQueueURL != "" {
			refunds := worker.NewRefunds(queues, cfg, sink.NewRefunds(conn, m), m, log)
			group.Go(func() error { return refunds.Run(runCtx) })
		}
		reconciler := worker.NewReconciler(orders, cfg.ReconcileInterval, m, log)
		group.Go(func() error { return reconciler.Run(runCtx) })
	}
	log.Info("started", "mode", cfg.Mode, "workers", cfg.WorkerConcurrency)
	return drain(runCtx, group, writer, cfg.DrainTimeout)
}

// drain waits for the components, then for the last flush, but no longer than limit once the stop has begun.
func drain(ctx context.Context, group *errgroup.Group, writer *sink.Writer, limit time.Duration) error {
	finished := make(chan error, 1)
	go func() {
		err := group.Wait()
		writer.Close()
		finished <- err
	}()
	<-ctx.Done()
	select {
	case err := <-finished:
		return err
	case <-time.After(limit):
		return fmt.Errorf("not drained within %s, unacknowledged messages will be redelivered", limit)
	}
}

// serve runs a server until ctx is done and then lets its requests finish.
func serve(ctx context.Context, server *http.Server, limit time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", server.Addr, err)
	case <-ctx.Done():
		stopCtx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		return server.Shutdown(stopCtx)
	}
}

func loadAWS(ctx context.Context, cfg config.Config) (aws.Config, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRegion(cfg.AWSRegion),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(awsCallTimeout)),
	}
	if cfg.AWSEndpoint != "" {
		options = append(options, awsconfig.WithBaseEndpoint(cfg.AWSEndpoint))
	}
	awsCfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load aws config: %w", err)
	}
	return awsCfg, nil
}

func runReplay(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	path := flags.String("file", "", "newline-delimited order events")
	rate := flags.Int("rate", 200, "events per second")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *path == "" {
		return errors.New("replay needs -file")
	}
	cfg, err := config.Load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	awsCfg, err := loadAWS(ctx, cfg)
	if err != nil {
		return err
	}
	player, err := replay.NewPlayer(queue.NewProducer(sqs.NewFromConfig(awsCfg), cfg.OrdersQueueURL), *rate, log)
	if err != nil {
		return err
	}
	file, err := os.Open(*path)
	if err != nil {
		return err
	}
	defer file.Close()
	sent, err := player.Play(ctx, file)
	log.Info("replay finished", "sent", sent)
	return err
}
