// Package notify tells the partner portal that an order was accepted.
package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"go.example.com/orders-ingest/internal/order"
)

// Notifier posts to the portal; an empty URL turns it off.
type Notifier struct {
	url  string
	http *http.Client
	log  *slog.Logger
}

// New returns a notifier with its own connections.
func New(url string, log *slog.Logger) *Notifier {
	return &Notifier{url: url, http: &http.Client{}, log: log}
}

// Accepted is best effort: a lost notification shows up in the portal's nightly sync.
func (n *Notifier) Accepted(ctx context.Context, event order.Event) {
	if n.url == "" {
		return
	}
	if err := n.post(ctx, event); err != nil {
		n.log.Warn("partner not notified", "tenant_id", event.TenantID, "error", err)
	}
}

func (n *Notifier) post(ctx context.Context, event order.Event) error {
	body, err := json.Marshal(map[string]any{
		"tenant_id": event.TenantID,
		"order_id":  event.OrderID,
		"version":   event.Version,
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url+"/hooks/order-accepted", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := n.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("portal answered %s", resp.Status)
	}
	return nil
}
