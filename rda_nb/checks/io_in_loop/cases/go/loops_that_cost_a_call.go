package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type cart struct {
	table *dynamodb.Client
	queue *sqs.Client
	db    *sql.DB
	web   *http.Client
}

var regions = []string{"eu", "us"}

func (c *cart) show(w http.ResponseWriter, r *http.Request) {
	var skus []string
	json.NewDecoder(r.Body).Decode(&skus)

	for _, sku := range skus {
		c.table.GetItem(r.Context(), &dynamodb.GetItemInput{Key: keyOf(sku)}) // want: n_plus_one RISK
	}
	for _, sku := range skus {
		c.price(r.Context(), sku) // want: n_plus_one CONCERN
	}
	rows, _ := c.db.QueryContext(r.Context(), "SELECT sku FROM stock LIMIT 100")
	for rows.Next() {
		var sku string
		rows.Scan(&sku)
		c.db.ExecContext(r.Context(), "UPDATE stock SET seen = now() WHERE sku = ?", sku) // want: n_plus_one CONCERN
	}

	// A list written out in the source, and a range over a few, cost the same for every request.
	for _, region := range regions {
		c.web.Get("http://" + region + "/stock")
	}
	for _, path := range []string{"/a", "/b"} {
		c.web.Get("http://stock" + path)
	}
	c.all(r.Context(), skus)
	c.pages(r.Context())
	c.failover(skus)
	c.submit(r.Context(), skus)
}

func (c *cart) price(ctx context.Context, sku string) {
	for attempt := 0; attempt < 3; attempt++ {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices/"+sku, nil)
		if _, err := c.web.Do(req); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// all asks for 100 items in each call: the steps of the loop are chunks.
func (c *cart) all(ctx context.Context, skus []string) {
	for start := 0; start < len(skus); start += 100 {
		end := min(start+100, len(skus))
		c.table.BatchGetItem(ctx, requestOf(skus[start:end]))
		c.table.Query(ctx, &dynamodb.QueryInput{})
	}
}

// pages needs the token of one page for the next.
func (c *cart) pages(ctx context.Context) {
	var from map[string]any
	for {
		out, err := c.table.Query(ctx, &dynamodb.QueryInput{})
		if err != nil || out.LastEvaluatedKey == nil {
			return
		}
		_ = from
	}
}

// failover asks one mirror after the other and stops at the first that answers.
func (c *cart) failover(mirrors []string) {
	for _, mirror := range mirrors {
		resp, err := c.web.Get(mirror)
		if err == nil {
			resp.Body.Close()
			return
		}
	}
}

// submit sends items alone only after the batch was refused, to find the one that is wrong.
func (c *cart) submit(ctx context.Context, skus []string) {
	_, err := c.queue.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{})
	if err != nil {
		for _, sku := range skus {
			c.queue.SendMessage(ctx, &sqs.SendMessageInput{MessageBody: aws.String(sku)})
		}
	}
}

// consume: what each message needs is its own work; the delete could be one call for all ten.
func (c *cart) consume(ctx context.Context) {
	for {
		out, err := c.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{WaitTimeSeconds: 20})
		if err != nil {
			continue
		}
		for _, message := range out.Messages {
			c.web.Get("http://prices/" + *message.Body)
			c.done(ctx, message) // want: n_plus_one CONCERN
		}
	}
}

func (c *cart) done(ctx context.Context, message types.Message) {
	c.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{ReceiptHandle: message.ReceiptHandle})
}

// warm runs once, when the service starts.
func (c *cart) warm(ctx context.Context, skus []string) {
	for _, sku := range skus {
		c.table.GetItem(ctx, &dynamodb.GetItemInput{Key: keyOf(sku)})
	}
}

func main() {
	c := &cart{web: &http.Client{Timeout: time.Second}}
	c.warm(context.Background(), load())
	go c.consume(context.Background())
	http.HandleFunc("/cart", c.show)
	http.ListenAndServe(":8080", nil)
}
