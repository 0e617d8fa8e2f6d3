// Package depot names depots by their codes.
package depot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.example.com/parcel-scans/internal/metrics"
)

const (
	callTimeout   = 3 * time.Second
	maxReplyBytes = 1 << 20
	maxConns      = 32
)

// Client asks the depot service for many names at once.
type Client struct {
	url     string
	http    *http.Client
	metrics *metrics.Metrics
}

// New returns a client that keeps as many connections as there may be workers.
func New(url string, m *metrics.Metrics) *Client {
	return &Client{url: url, metrics: m, http: &http.Client{
		Timeout: callTimeout,
		Transport: &http.Transport{
			MaxConnsPerHost: maxConns, MaxIdleConnsPerHost: maxConns, IdleConnTimeout: time.Minute,
			ResponseHeaderTimeout: callTimeout,
		},
	}}
}

// Names returns the name of each code that is known.
func (c *Client) Names(ctx context.Context, codes []string) (map[string]string, error) {
	start := time.Now()
	defer func() { c.metrics.DepotSeconds.Observe(time.Since(start).Seconds()) }()
	body, err := json.Marshal(codes)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/depots", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	reply, err := c.http.Do(request)
	if err != nil {
		c.metrics.DepotErrors.Inc()
		return nil, err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		c.metrics.DepotErrors.Inc()
		return nil, fmt.Errorf("depots: %s", reply.Status)
	}
	names := make(map[string]string, len(codes))
	if err := json.NewDecoder(io.LimitReader(reply.Body, maxReplyBytes)).Decode(&names); err != nil {
		return nil, fmt.Errorf("depots: %w", err)
	}
	return names, nil
}
