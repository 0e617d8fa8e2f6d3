// A handler that a broker's client is given is a way in: a function, a method, a value with the method that is looked for.
package main

import (
	"context"
	"database/sql"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/hibiken/asynq"
	"github.com/nsqio/go-nsq"
)

type store struct{ db *sql.DB }

func (s *store) HandleMessage(m *nsq.Message) error {
	_, err := s.db.Exec("INSERT INTO orders VALUES ($1)", m.Body)
	return err
}

func (s *store) refund(m *nsq.Message) error {
	_, err := s.db.Exec("INSERT INTO refunds VALUES ($1)", m.Body)
	return err
}

func (s *store) reading(client mqtt.Client, m mqtt.Message) {
	s.db.Exec("INSERT INTO readings VALUES ($1)", m.Payload())
}

func (s *store) mail(ctx context.Context, t *asynq.Task) error {
	_, err := s.db.Exec("INSERT INTO mails VALUES ($1)", t.Payload())
	return err
}

type invoices struct{ db *sql.DB }

func (i *invoices) ProcessTask(ctx context.Context, t *asynq.Task) error {
	_, err := i.db.Exec("INSERT INTO invoices VALUES ($1)", t.Payload())
	return err
}

func consume(s *store) {
	consumer, _ := nsq.NewConsumer("orders", "store", nsq.NewConfig())
	consumer.AddHandler(s) // want: queue_consumer RISK claim=message_handler:_store.HandleMessage_waits_for_postgres;_first_bottleneck:_SQL_exec_without_a_deadline_(message_handlers.go:16).
	refunds, _ := nsq.NewConsumer("refunds", "store", nsq.NewConfig())
	refunds.AddConcurrentHandlers(nsq.HandlerFunc(s.refund), 8) // want: queue_consumer RISK
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://broker:1883"))
	client.Subscribe("readings/#", 1, s.reading) // want: queue_consumer RISK
	mux := asynq.NewServeMux()
	mux.HandleFunc("mail", s.mail)             // want: background_loop CONCERN
	mux.Handle("invoice", &invoices{db: s.db}) // want: background_loop CONCERN
	asynq.NewServer(asynq.RedisClientOpt{Addr: "redis:6379"}, asynq.Config{Concurrency: 4}).Run(mux)
}

func main() {
	db, _ := sql.Open("postgres", "dsn")
	consume(&store{db: db})
}
