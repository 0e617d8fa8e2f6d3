// Command invoice-mailer sends one mail per invoice message.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/time/rate"
)

const (
	workers    = 6
	mailRate   = 25
	mailBurst  = 50
	mailTime   = 3 * time.Second
	cacheLimit = 500
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		slog.Error("aws", "error", err)
		os.Exit(1)
	}
	mailer := &Mailer{
		http:  &http.Client{Timeout: mailTime},
		limit: rate.NewLimiter(rate.Limit(mailRate), mailBurst),
		url:   os.Getenv("MAIL_URL"),
	}
	w := &Worker{
		sqs:    sqs.NewFromConfig(cfg),
		ledger: &Ledger{db: dynamodb.NewFromConfig(cfg)},
		mailer: mailer,
		queue:  os.Getenv("QUEUE_URL"),
		jobs:   make(chan Job, 20),
	}
	for range workers {
		go w.work(ctx)
	}
	w.poll(ctx)
}
