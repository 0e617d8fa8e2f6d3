// A statement waits for its write and for its answer, each as long as the cluster's Timeout, once per try of its policy.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/gocql/gocql"
)

type store struct {
	usual   *gocql.Session
	patient *gocql.Session
}

func open() *store {
	cluster := gocql.NewCluster("cassandra-0", "cassandra-1")
	usual, _ := cluster.CreateSession() // want: other GAP
	slow := gocql.NewCluster("cassandra-0", "cassandra-1")
	slow.Timeout = 2 * time.Second
	slow.RetryPolicy = &gocql.SimpleRetryPolicy{NumRetries: 2}
	patient, _ := slow.CreateSession()
	return &store{usual: usual, patient: patient}
}

func (s *store) handle(w http.ResponseWriter, r *http.Request) {
	var body string
	s.usual.Query("SELECT body FROM orders WHERE id = ?", r.URL.Path).Consistency(gocql.One).Scan(&body) // want: other GOOD attempts=1 worst_case_s=22
	s.patient.Query("UPDATE orders SET seen = true WHERE id = ?", r.URL.Path).WithContext(r.Context()).Exec() // want: other GOOD attempts=3 worst_case_s=12
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	s.patient.Query("UPDATE orders SET sent = true WHERE id = ?", r.URL.Path).WithContext(ctx).Idempotent(true).Exec() // want: other GOOD timeout_s=1 worst_case_s=1
	batch := s.usual.NewBatch(gocql.UnloggedBatch).WithContext(ctx)
	batch.Query("DELETE FROM orders WHERE id = ?", r.URL.Path)
	s.usual.ExecuteBatch(batch) // want: other GOOD timeout_s=1 worst_case_s=1
	w.Write([]byte(body))
}

func main() {
	http.HandleFunc("/order", open().handle)
	http.ListenAndServe(":8080", nil)
}
