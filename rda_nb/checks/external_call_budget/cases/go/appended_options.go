package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

type consumer struct {
	client *kgo.Client
	admin  *kadm.Client
}

func base() []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers("kafka:9092"), kgo.RequestRetries(2)}
}

// Options that are added later count as much as those at first; an admin client sends through the client it is given.
func (c *consumer) connect() (err error) {
	opts := base()
	opts = append(opts,
		kgo.ConsumerGroup("orders"),
		kgo.ConsumeTopics("orders"),
		kgo.DisableAutoCommit(),
		kgo.FetchMaxBytes(1<<20),
		kgo.FetchMaxPartitionBytes(1<<18),
		kgo.SessionTimeout(30*time.Second),
		kgo.RebalanceTimeout(time.Minute),
		kgo.HeartbeatInterval(3*time.Second),
		kgo.RequestTimeoutOverhead(40*time.Second),
	)
	if c.client, err = kgo.NewClient(opts...); err != nil {
		return err
	}
	c.admin = kadm.NewClient(c.client)
	return nil
}

func (c *consumer) commit(record *kgo.Record) error {
	return c.client.CommitRecords(context.Background(), record) // want: kafka GOOD timeout_s=40 attempts=3
}

func (c *consumer) lag() error {
	_, err := c.admin.Lag(context.Background(), "orders") // want: kafka GOOD timeout_s=40 attempts=3
	return err
}

func (c *consumer) send(record *kgo.Record) {
	c.client.Produce(context.Background(), record, nil) // want: kafka GOOD
}

func main() {
	c := &consumer{}
	_ = c.connect()
	_ = c.commit(&kgo.Record{})
	_ = c.lag()
	c.send(&kgo.Record{})
}
