package enrich

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestListPriceRetriesAndRemembers(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = w.Write([]byte(`{"list_price": 1999}`))
	}))
	defer server.Close()

	pricing := NewPricing(server.URL, time.Second, 3)
	for range 2 {
		price, err := pricing.ListPrice(context.Background(), "AB-12-3", "EUR", time.Unix(0, 0))
		if err != nil || price != 1999 {
			t.Fatalf("ListPrice = %d, %v", price, err)
		}
	}
	if got := calls.Load(); got != 2 {
		t.Errorf("the service saw %d calls, want 2", got)
	}
}

func TestListPriceDoesNotRetryUnknown(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()

	_, err := NewPricing(server.URL, time.Second, 3).ListPrice(context.Background(), "NO", "EUR", time.Unix(0, 0))
	if !errors.Is(err, ErrUnknownSKU) || calls.Load() != 1 {
		t.Errorf("err = %v after %d calls", err, calls.Load())
	}
}
