// Package enrich asks other services for what an order event lacks: list prices and exchange rates.
package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	firstRetryPause = 200 * time.Millisecond
	idlePerHost     = 32
)

// ErrUnknownSKU means that the catalogue has no such article; asking again does not help.
var ErrUnknownSKU = errors.New("unknown sku")

// Pricing is the client of the pricing service. A list price never changes within its day, so it is kept.
type Pricing struct {
	base     string
	http     *http.Client
	attempts int

	mu     sync.Mutex
	prices map[priceKey]int64
}

type priceKey struct {
	sku      string
	currency string
	day      string
}

// NewPricing returns a client with one connection pool for all workers.
func NewPricing(base string, timeout time.Duration, attempts int) *Pricing {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = idlePerHost
	return &Pricing{
		base:     base,
		http:     &http.Client{Timeout: timeout, Transport: transport},
		attempts: attempts,
		prices:   make(map[priceKey]int64),
	}
}

// ListPrice returns the catalogue price of one article on one day, in minor units.
func (p *Pricing) ListPrice(ctx context.Context, sku, currency string, on time.Time) (int64, error) {
	key := priceKey{sku: sku, currency: currency, day: on.Format(time.DateOnly)}

	p.mu.Lock()
	price, ok := p.prices[key]
	p.mu.Unlock()
	if ok {
		return price, nil
	}

	price, err := p.fetchWithRetry(ctx, key)
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.prices[key] = price
	p.mu.Unlock()
	return price, nil
}

func (p *Pricing) fetchWithRetry(ctx context.Context, key priceKey) (int64, error) {
	var last error
	pause := firstRetryPause
	for attempt := 1; attempt <= p.attempts; attempt++ {
		price, err := p.fetch(ctx, key)
		if err == nil || errors.Is(err, ErrUnknownSKU) {
			return price, err
		}
		last = err
		if attempt == p.attempts {
			break
		}
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return 0, fmt.Errorf("pricing: %d attempts: %w", p.attempts, last)
}

func (p *Pricing) fetch(ctx context.Context, key priceKey) (int64, error) {
	query := url.Values{"currency": {key.currency}, "on": {key.day}}
	address := p.base + "/v1/prices/" + url.PathEscape(key.sku) + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return 0, ErrUnknownSKU
	case resp.StatusCode != http.StatusOK:
		return 0, fmt.Errorf("pricing answered %s", resp.Status)
	}
	var body struct {
		ListPrice int64 `json:"list_price"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return 0, fmt.Errorf("decode price: %w", err)
	}
	return body.ListPrice, nil
}
