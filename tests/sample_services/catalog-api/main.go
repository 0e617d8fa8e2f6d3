// Command catalog-api serves products from DynamoDB and statistics from ClickHouse.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const drainTime = 15 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr:         []string{os.Getenv("CLICKHOUSE_ADDR")},
		DialTimeout:  2 * time.Second,
		MaxOpenConns: 12,
	})
	if err != nil {
		slog.Error("clickhouse", "error", err)
		os.Exit(1)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		slog.Error("aws", "error", err)
		os.Exit(1)
	}
	api := NewAPI(NewProducts(dynamodb.NewFromConfig(cfg)), &Statistics{conn: conn})
	server := &http.Server{
		Addr:              ":8080",
		Handler:           api.Routes(),
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		_ = server.Shutdown(drain)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		slog.Error("server", "error", err)
	}
}
