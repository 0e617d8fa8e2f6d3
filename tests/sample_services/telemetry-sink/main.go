// Command telemetry-sink copies device readings from Kafka to ClickHouse.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr:         []string{os.Getenv("CLICKHOUSE_ADDR")},
		DialTimeout:  5 * time.Second,
		MaxOpenConns: 8,
	})
	if err != nil {
		slog.Error("clickhouse", "error", err)
		os.Exit(1)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Getenv("KAFKA_BROKERS")),
		kgo.ConsumerGroup("telemetry-sink"),
		kgo.ConsumeTopics("readings"),
		kgo.DisableAutoCommit(),
		kgo.SessionTimeout(45*time.Second),
		kgo.HeartbeatInterval(3*time.Second),
	)
	if err != nil {
		slog.Error("kafka", "error", err)
		os.Exit(1)
	}
	sink := NewSink(conn)
	go NewConsumer(client, sink).Run(ctx)
	sink.Run(ctx)
}
