// Package metrics declares every metric of the service in one place.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

const namespace = "orders_ingest"

// Outcomes of a message; the label "outcome" takes no other value.
const (
	OutcomeStored    = "stored"
	OutcomeDuplicate = "duplicate"
	OutcomeInvalid   = "invalid"
	OutcomeFailed    = "failed"
)

// Metrics is handed to every component that counts something.
type Metrics struct {
	Messages        *prometheus.CounterVec
	PollErrors      *prometheus.CounterVec
	InFlight        prometheus.Gauge
	AckFailures     prometheus.Counter
	BatchRows       prometheus.Histogram
	InsertSeconds   *prometheus.HistogramVec
	InsertRetries   prometheus.Counter
	SinkQueue       prometheus.Gauge
	EnrichFailures  *prometheus.CounterVec
	DynamoThrottles prometheus.Counter
	StuckOrders     prometheus.Gauge
	HTTPSeconds     *prometheus.HistogramVec
	HTTPRequests    *prometheus.CounterVec
}

// New registers the metrics; it is called once, from main, or with a fresh registry from a test.
func New(reg prometheus.Registerer) *Metrics {
	auto := promauto.With(reg)
	return &Metrics{
		Messages: auto.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "messages_total", Help: "Messages taken from a queue, by outcome.",
		}, []string{"queue", "outcome"}),
		PollErrors: auto.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "poll_errors_total", Help: "Failed receive calls.",
		}, []string{"queue"}),
		InFlight: auto.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "in_flight_messages", Help: "Messages handed to a worker and not yet submitted to the sink.",
		}),
		AckFailures: auto.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "ack_failures_total", Help: "Batches stored but not deleted from the queue.",
		}),
		BatchRows: auto.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "batch_rows", Help: "Rows per ClickHouse insert.",
			Buckets: prometheus.ExponentialBuckets(10, 2, 11),
		}),
		InsertSeconds: auto.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "insert_seconds", Help: "Duration of one ClickHouse insert attempt.",
			Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"table", "result"}),
		InsertRetries: auto.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "insert_retries_total", Help: "Insert attempts after the first.",
		}),
		SinkQueue: auto.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "sink_queue_submissions", Help: "Submissions waiting for the batch writer.",
		}),
		EnrichFailures: auto.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "enrich_failures_total", Help: "Orders stored without a list price.",
		}, []string{"order_id", "reason"}),
		DynamoThrottles: auto.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "dynamodb_throttles_total", Help: "Throttled DynamoDB requests.",
		}),
		StuckOrders: auto.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "stuck_orders", Help: "Orders that stayed pending for more than fifteen minutes.",
		}),
		HTTPSeconds: auto.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_seconds", Help: "Duration of API requests.",
			Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10, 30},
		}, []string{"route"}),
		HTTPRequests: auto.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total", Help: "API requests.",
		}, []string{"route", "status"}),
	}
}
