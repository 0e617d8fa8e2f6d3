// What happens per message stands in a function that a constructor gives back, and that the loop is handed.
package main

import (
	"context"
	"database/sql"
	"errors"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/segmentio/kafka-go"
)

type process func(*kafka.Message) error

func handleMessage(db *sql.DB) (process, error) {
	if db == nil {
		return nil, errors.New("no store")
	}
	return func(m *kafka.Message) error {
		_, err := db.Exec("INSERT INTO orders VALUES ($1)", m.Value)
		return err
	}, nil
}

func consume(reader *kafka.Reader, work process) { // want: queue_consumer RISK claim=Kafka_poll:_consume_waits_for_kafka,_postgres;_first_bottleneck:_SQL_exec_without_a_deadline_(made_handlers.go:20).
	for {
		m, err := reader.FetchMessage(context.Background())
		if err != nil {
			return
		}
		if err := work(&m); err != nil {
			return
		}
		reader.CommitMessages(context.Background(), m)
	}
}

type subscriber struct {
	topic string
	entry mqtt.MessageHandler
}

func control(db *sql.DB) mqtt.MessageHandler {
	return func(client mqtt.Client, m mqtt.Message) { // want: queue_consumer RISK claim=MQTT_subscribe:_control_waits_for_postgres;_first_bottleneck:_SQL_exec_without_a_deadline_(made_handlers.go:45).
		db.Exec("INSERT INTO controls VALUES ($1)", m.Payload())
	}
}

func data() mqtt.MessageHandler {
	return func(client mqtt.Client, m mqtt.Message) { seen += len(m.Payload()) } // want: queue_consumer GOOD claim=MQTT_subscribe:_data_reaches_no_blocking_IO_that_the_target_shows.
}

var seen int

func subscribe(client mqtt.Client, subscribers []subscriber) {
	for _, one := range subscribers {
		client.Subscribe(one.topic, 1, one.entry)
	}
}

func main() {
	db, _ := sql.Open("postgres", "dsn")
	onControl := control(db)
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://broker:1883"))
	subscribe(client, []subscriber{subscriber{topic: "control/#", entry: onControl}, subscriber{topic: "data/#", entry: data()}})
	work, err := handleMessage(db)
	if err != nil {
		return
	}
	consume(kafka.NewReader(kafka.ReaderConfig{Brokers: []string{"broker:9092"}, Topic: "orders"}), work)
}
