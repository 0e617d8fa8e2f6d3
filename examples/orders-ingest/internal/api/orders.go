package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"go.example.com/orders-ingest/internal/order"
	"go.example.com/orders-ingest/internal/queue"
	"go.example.com/orders-ingest/internal/sink"
	"go.example.com/orders-ingest/internal/store"
)

const (
	maxBodyBytes    = 1 << 20
	maxLookupKeys   = 100
	bulkConcurrency = 4
)

// createOrder enqueues one event. 202 means that the queue has it; the worker does the rest.
func (a *API) createOrder(w http.ResponseWriter, r *http.Request) {
	var event order.Event
	if !a.decode(w, r, &event) {
		return
	}
	if err := event.Validate(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if err := a.producer.Send(r.Context(), event); err != nil {
		a.fail(w, "order not enqueued", err)
		return
	}
	// The portal must not slow the shops down.
	go a.notifier.Accepted(context.WithoutCancel(r.Context()), event)
	w.WriteHeader(http.StatusAccepted)
}

// createOrders enqueues newline-delimited events, all or nothing as far as validation goes.
func (a *API) createOrders(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cannot read body", http.StatusBadRequest)
		return
	}
	events, err := parseLines(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}

	sends, ctx := errgroup.WithContext(r.Context())
	sends.SetLimit(bulkConcurrency)
	for start := 0; start < len(events); start += queue.MaxBatch {
		chunk := events[start:min(start+queue.MaxBatch, len(events))]
		sends.Go(func() error { return a.producer.SendBatch(ctx, chunk) })
	}
	if err := sends.Wait(); err != nil {
		a.fail(w, "bulk not enqueued", err)
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]int{"accepted": len(events)})
}

func parseLines(body []byte) ([]order.Event, error) {
	lines := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	events := make([]order.Event, 0, len(lines))
	for i, line := range lines {
		event, err := order.Decode(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		events = append(events, event)
	}
	return events, nil
}

// lookupOrders returns the states of many orders.
func (a *API) lookupOrders(w http.ResponseWriter, r *http.Request) {
	var keys []store.Key
	if !a.decode(w, r, &keys) {
		return
	}
	if len(keys) > maxLookupKeys {
		http.Error(w, fmt.Sprintf("at most %d orders", maxLookupKeys), http.StatusUnprocessableEntity)
		return
	}
	states, err := a.orders.GetMany(r.Context(), keys)
	if err != nil {
		a.fail(w, "lookup failed", err)
		return
	}
	writeJSON(w, http.StatusOK, states)
}

func (a *API) getOrder(w http.ResponseWriter, r *http.Request) {
	row, err := a.reports.Order(r.Context(), chi.URLParam(r, "tenantID"), chi.URLParam(r, "orderID"))
	if errors.Is(err, sink.ErrNotFound) {
		http.Error(w, "no such order", http.StatusNotFound)
		return
	}
	if err != nil {
		a.fail(w, "order not read", err)
		return
	}
	writeJSON(w, http.StatusOK, row)
}

func (a *API) getHistory(w http.ResponseWriter, r *http.Request) {
	rows, err := a.reports.History(r.Context(), chi.URLParam(r, "tenantID"), chi.URLParam(r, "orderID"))
	if err != nil {
		a.fail(w, "history not read", err)
		return
	}
	writeJSON(w, http.StatusOK, rows)
}

// setStatus lets customer care correct an order whose shop cannot send a new version.
func (a *API) setStatus(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Status string `json:"status"`
	}
	if !a.decode(w, r, &request) {
		return
	}
	if !order.KnownStatus(request.Status) {
		http.Error(w, "unknown status", http.StatusUnprocessableEntity)
		return
	}
	err := a.reports.SetStatus(r.Context(), chi.URLParam(r, "tenantID"), chi.URLParam(r, "orderID"), request.Status)
	if err != nil {
		a.fail(w, "status not set", err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// decode reads a JSON body of limited size and answers the request itself when it cannot.
func (a *API) decode(w http.ResponseWriter, r *http.Request, into any) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	err := json.NewDecoder(r.Body).Decode(into)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
		return false
	case err != nil:
		http.Error(w, "body is not the expected JSON", http.StatusBadRequest)
		return false
	}
	return true
}

func (a *API) fail(w http.ResponseWriter, what string, err error) {
	a.log.Error(what, "error", err)
	http.Error(w, what, http.StatusServiceUnavailable)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The status line is out: an error here can only be the client's going away.
	_ = json.NewEncoder(w).Encode(value)
}
