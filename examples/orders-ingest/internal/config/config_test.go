package config

import (
	"strings"
	"testing"
	"time"
)

func TestLoadFillsDefaults(t *testing.T) {
	t.Setenv("ORDERS_QUEUE_URL", "http://localhost:4566/000000000000/orders-events")

	cfg, err := Load()
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if cfg.BatchMaxRows != 5000 {
		t.Errorf("BatchMaxRows = %d, want 5000", cfg.BatchMaxRows)
	}
	if cfg.PollWait != 20*time.Second {
		t.Errorf("PollWait = %s, want 20s", cfg.PollWait)
	}
	if !cfg.RunsAPI() || !cfg.RunsWorker() {
		t.Error("the default mode runs both halves")
	}
}

func TestLoadNamesEveryBadVariable(t *testing.T) {
	t.Setenv("ORDERS_QUEUE_URL", "")
	t.Setenv("POLL_BATCH_SIZE", "11")
	t.Setenv("FLUSH_INTERVAL", "soon")

	_, err := Load()
	if err == nil {
		t.Fatal("Load accepted a bad environment")
	}
	for _, key := range []string{"ORDERS_QUEUE_URL", "POLL_BATCH_SIZE", "FLUSH_INTERVAL"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("error %q does not name %s", err, key)
		}
	}
}
