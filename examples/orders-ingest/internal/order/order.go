// Package order holds the order event as it travels from the queue to the sink.
package order

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Statuses an order can be in. The set is closed: the reports and a metric label rely on it.
const (
	StatusPending   = "pending"
	StatusPaid      = "paid"
	StatusShipped   = "shipped"
	StatusCancelled = "cancelled"
)

// ErrInvalid marks an event that no retry can repair.
var ErrInvalid = errors.New("invalid order event")

// orderIDPattern: two letters of the shop, a dash, ten digits or capitals.
var orderIDPattern = regexp.MustCompile(`^[A-Z]{2}-[0-9A-Z]{10}$`)

// Line is one position of an order; amounts are minor units (cents).
type Line struct {
	SKU      string `json:"sku"`
	Quantity int32  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

// Event is one version of one order, as the shops publish it.
type Event struct {
	EventID    string    `json:"event_id"`
	TenantID   string    `json:"tenant_id"`
	OrderID    string    `json:"order_id"`
	Version    int64     `json:"version"`
	Status     string    `json:"status"`
	Currency   string    `json:"currency"`
	Lines      []Line    `json:"lines"`
	CreatedAt  time.Time `json:"created_at"`
	OccurredAt time.Time `json:"occurred_at"`
}

// Refund is the event of the refunds queue.
type Refund struct {
	RefundID   string    `json:"refund_id"`
	TenantID   string    `json:"tenant_id"`
	OrderID    string    `json:"order_id"`
	Amount     int64     `json:"amount"`
	Reason     string    `json:"reason"`
	RefundedAt time.Time `json:"refunded_at"`
}

// Row is one row of order_events: an event line with its list price.
type Row struct {
	Event     Event
	Line      Line
	ListPrice int64
}

// Decode parses and checks one message body.
func Decode(body []byte) (Event, error) {
	var event Event
	if err := json.Unmarshal(body, &event); err != nil {
		return Event{}, fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	if err := event.Validate(); err != nil {
		return Event{}, err
	}
	return event, nil
}

// DecodeRefund parses and checks one refund body.
func DecodeRefund(body []byte) (Refund, error) {
	var refund Refund
	if err := json.Unmarshal(body, &refund); err != nil {
		return Refund{}, fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	if refund.RefundID == "" || !orderIDPattern.MatchString(refund.OrderID) {
		return Refund{}, fmt.Errorf("%w: refund %q of order %q", ErrInvalid, refund.RefundID, refund.OrderID)
	}
	return refund, nil
}

// Validate reports the first reason why an event cannot be stored.
func (e Event) Validate() error {
	switch {
	case e.TenantID == "" || e.EventID == "":
		return fmt.Errorf("%w: tenant_id and event_id are required", ErrInvalid)
	case !orderIDPattern.MatchString(e.OrderID):
		return fmt.Errorf("%w: order_id %q", ErrInvalid, e.OrderID)
	case e.Version < 1:
		return fmt.Errorf("%w: version %d", ErrInvalid, e.Version)
	case !KnownStatus(e.Status):
		return fmt.Errorf("%w: status %q", ErrInvalid, e.Status)
	case len(e.Lines) == 0:
		return fmt.Errorf("%w: no lines", ErrInvalid)
	}
	return nil
}

// KnownStatus reports whether s belongs to the closed set.
func KnownStatus(s string) bool {
	switch s {
	case StatusPending, StatusPaid, StatusShipped, StatusCancelled:
		return true
	}
	return false
}

// NormalizeSKU maps the spellings that the shops use to the catalogue's: "ab 12/3" is AB-12-3.
func NormalizeSKU(raw string) string {
	separators := regexp.MustCompile(`[^A-Z0-9]+`)
	return strings.Trim(separators.ReplaceAllString(strings.ToUpper(raw), "-"), "-")
}
