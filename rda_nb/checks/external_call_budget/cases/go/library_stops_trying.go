// A client that stops trying after a time: what its attempts alone would allow is never reached.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type relay struct{ client *kgo.Client }

func (r *relay) handle(w http.ResponseWriter, req *http.Request) {
	// No attempt starts 30 s after the first, and the last one may take a dial of 10 s and 60 s each to be sent and answered.
	r.client.CommitUncommittedOffsets(context.Background()) // want: kafka CONCERN attempts=21 timeout_s=60 worst_case_s=160
}

func main() {
	client, err := kgo.NewClient(kgo.SeedBrokers("broker:9092"), kgo.RequestTimeoutOverhead(60*time.Second))
	if err != nil {
		panic(err)
	}
	r := &relay{client}
	http.HandleFunc("/commit", r.handle)
	http.ListenAndServe(":8080", nil)
}
