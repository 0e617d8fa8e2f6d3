package main

import (
	"context"
	"log/slog"
	"os"
	"strconv"

	"github.com/segmentio/kafka-go"
	"golang.org/x/time/rate"
)

var limiter = rate.NewLimiter(1, 1)

func number(text string) int {
	if value, err := strconv.Atoi(text); err == nil {
		return value
	} else {
		slog.Error("cannot parse number", "error", err) // want: log_in_loop CONCERN
	}
	return 0
}

func named(fields map[string]string) bool {
	if fields["name"] == "" {
		slog.Warn("invalid message without a name", "size", len(fields)) // want: log_in_loop CONCERN
		return false
	}
	if fields["id"] == "" && limiter.Allow() {
		slog.Warn("invalid message without an id") // fine: a limited number of lines
	}
	if len(fields) > 100 {
		slog.Debug("unexpected number of fields") // fine: not written by default
	}
	return true
}

// fine: what fails here is the other process, and each try of it waits
func store(ctx context.Context, w *kafka.Writer, value []byte) {
	if err := w.WriteMessages(ctx, kafka.Message{Value: value}); err != nil {
		slog.Error("invalid answer", "error", err)
	}
}

// fine: it is the disk that fails
func keep(line []byte) {
	if err := os.WriteFile("spool", line, 0o600); err != nil {
		slog.Warn("write failed, line dropped", "error", err)
	}
}

func main() {
	r := kafka.NewReader(kafka.ReaderConfig{Topic: "fields"})
	w := &kafka.Writer{Topic: "out"}
	if len(r.Config().Topic) == 0 {
		slog.Warn("missing topic") // fine: when it starts
	}
	for {
		m, err := r.FetchMessage(context.Background())
		if err != nil {
			return
		}
		println(number(string(m.Key)), named(map[string]string{"name": string(m.Value)}))
		store(context.Background(), w, m.Value)
		keep(m.Value)
	}
}
