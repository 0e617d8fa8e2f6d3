package enrich

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	fxTimeout = 1500 * time.Millisecond
	fxFresh   = 10 * time.Minute
)

// FX knows the exchange rates to euro. The upstream publishes one small table for all currencies.
type FX struct {
	url  string
	http *http.Client

	mu      sync.Mutex
	rates   map[string]float64
	fetched time.Time
}

// NewFX returns a client without rates; the first Rate call fetches them.
func NewFX(url string) *FX {
	return &FX{url: url, http: &http.Client{Timeout: fxTimeout}}
}

// Rate returns how many units of currency one euro buys.
func (f *FX) Rate(ctx context.Context, currency string) (float64, error) {
	if currency == "EUR" {
		return 1, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.fetched) > fxFresh {
		rates, err := f.fetch(ctx)
		if err != nil {
			return 0, err
		}
		f.rates = rates
		f.fetched = time.Now()
	}
	rate, ok := f.rates[currency]
	if !ok {
		return 0, fmt.Errorf("no rate for %s", currency)
	}
	return rate, nil
}

func (f *FX) fetch(ctx context.Context) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+"/v1/rates?base=EUR", nil)
	if err != nil {
		return nil, err
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch rates: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch rates: %s", resp.Status)
	}
	var rates map[string]float64
	if err := json.NewDecoder(resp.Body).Decode(&rates); err != nil {
		return nil, fmt.Errorf("decode rates: %w", err)
	}
	return rates, nil
}
