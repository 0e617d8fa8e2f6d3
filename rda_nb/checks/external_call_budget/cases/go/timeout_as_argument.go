// A timeout among a call's own arguments bounds that call.
package main

import (
	"net"
	"net/http"
	"time"

	"github.com/getsentry/sentry-go"
)

const patience = 3 * time.Second

func main() {
	http.HandleFunc("/probe", func(w http.ResponseWriter, r *http.Request) {
		conn, err := net.DialTimeout("tcp", "ledger:9000", patience) // want: other GOOD timeout_s=3 worst_case_s=3
		if err != nil {
			return
		}
		defer conn.Close()
		sentry.Flush(2 * time.Second) // want: http GOOD timeout_s=2 worst_case_s=2
	})
	http.ListenAndServe(":8080", nil)
}
