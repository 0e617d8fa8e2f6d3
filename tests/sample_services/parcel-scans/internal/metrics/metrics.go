// Package metrics holds what the service measures of itself.
package metrics

import "github.com/prometheus/client_golang/prometheus"

// Outcomes of a message; the label has no other values.
const (
	Stored   = "stored"
	Failed   = "failed"
	Rejected = "rejected"
)

// Metrics are registered once, at start.
type Metrics struct {
	Messages      *prometheus.CounterVec
	MessageAge    prometheus.Histogram
	HandleSeconds prometheus.Histogram
	InFlight      prometheus.Gauge
	PollErrors    prometheus.Counter
	AckErrors     prometheus.Counter
	Exhausted     prometheus.Counter

	BatchRows     prometheus.Histogram
	InsertSeconds prometheus.Histogram
	InsertErrors  prometheus.Counter
	InsertRetries prometheus.Counter

	DepotSeconds prometheus.Histogram
	DepotErrors  prometheus.Counter

	Requests       *prometheus.CounterVec
	RequestSeconds *prometheus.HistogramVec
	Refused        prometheus.Counter
	QueryErrors    prometheus.Counter
	CutOff         prometheus.Counter
}

// New registers the metrics.
func New(registry *prometheus.Registry) *Metrics {
	seconds := []float64{0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30}
	m := &Metrics{
		Messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scans_messages_total", Help: "Messages by outcome.",
		}, []string{"outcome"}),
		MessageAge: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "scans_message_age_seconds", Help: "Age of a message when it is received.", Buckets: []float64{1, 10, 60, 300, 1800, 7200},
		}),
		HandleSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "scans_batch_seconds", Help: "Time from the receipt of a batch to its acknowledgement.", Buckets: append(seconds, 60, 120),
		}),
		InFlight:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "scans_in_flight", Help: "Messages being worked on."}),
		PollErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_poll_errors_total", Help: "Failed receives."}),
		AckErrors:  prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_ack_errors_total", Help: "Failed deletes."}),
		Exhausted:  prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_dead_letter_total", Help: "Messages on their last receive before the dead-letter queue."}),

		BatchRows: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "scans_insert_rows", Help: "Rows per insert.", Buckets: prometheus.ExponentialBuckets(10, 4, 8),
		}),
		InsertSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "scans_clickhouse_insert_seconds", Help: "Time per insert.", Buckets: seconds,
		}),
		InsertErrors:  prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_clickhouse_insert_errors_total", Help: "Failed inserts."}),
		InsertRetries: prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_clickhouse_insert_retries_total", Help: "Repeated inserts."}),

		DepotSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "scans_depot_seconds", Help: "Time per look-up of depots.", Buckets: seconds,
		}),
		DepotErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_depot_errors_total", Help: "Failed look-ups of depots."}),

		Requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scans_http_requests_total", Help: "Requests by route.",
		}, []string{"route"}),
		RequestSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "scans_http_request_seconds", Help: "Time per request by route.", Buckets: seconds,
		}, []string{"route"}),
		QueryErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_query_errors_total", Help: "Failed queries."}),
		CutOff:      prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_http_cut_off_total", Help: "Replies that could not be written."}),
		Refused:     prometheus.NewCounter(prometheus.CounterOpts{Name: "scans_http_refused_total", Help: "Requests refused by the rate limit."}),
	}
	registry.MustRegister(
		m.Messages, m.MessageAge, m.HandleSeconds, m.InFlight, m.PollErrors, m.AckErrors, m.Exhausted,
		m.BatchRows, m.InsertSeconds, m.InsertErrors, m.InsertRetries, m.DepotSeconds, m.DepotErrors,
		m.Requests, m.RequestSeconds, m.Refused, m.QueryErrors, m.CutOff,
	)
	return m
}
