// What takes from the channel that a broker's consume gives is the consumer, wherever its loop stands.
package main

import (
	"database/sql"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type store struct{ db *sql.DB }

type pipe struct{ queue, topic string }

// fine: it goes through the pipes once, at start
func bind(channel *amqp.Channel, pipes []pipe, s *store) error {
	for _, p := range pipes {
		deliveries, err := channel.Consume(p.queue, "store", false, false, false, false, nil)
		if err != nil {
			return err
		}
		go take(deliveries, p, s)
	}
	return nil
}

func take(deliveries <-chan amqp.Delivery, p pipe, s *store) { // want: queue_consumer RISK claim=RabbitMQ_consume:_take_waits_for_postgres,_rabbitmq;_first_bottleneck:_SQL_exec_without_a_deadline_(deliveries.go:29).
	for d := range deliveries {
		_, err := s.db.Exec("INSERT INTO orders VALUES ($1)", d.Body)
		if err != nil {
			d.Nack(false, true)
			continue
		}
		d.Ack(false)
	}
}

type batches struct {
	store *store
	rows  chan []byte
}

// A channel of the target's own brings no messages.
func (b *batches) collect() { // want: stream_processor RISK
	for row := range b.rows {
		b.store.db.Exec("INSERT INTO batches VALUES ($1)", row)
	}
}

// Two things happen in this loop: one on each tick, another on each turn without one.
func (s *store) mind() { // want: scheduled_job CONCERN claim=every_tick:_store.mind_waits_for_postgres;_first_bottleneck:_SQL_exec_without_a_deadline_(deliveries.go:76).
	ticker := time.NewTicker(time.Minute)
	for {
		select {
		case <-ticker.C:
			s.prune()
		default: // want: background_loop CONCERN claim=between_ticks:_store.mind_waits_for_postgres;_first_bottleneck:_SQL_exec_without_a_deadline_(deliveries.go:78).
			s.flush()
		}
		time.Sleep(time.Second)
	}
}

func (s *store) idle() { // want: scheduled_job CONCERN
	ticker := time.NewTicker(time.Minute)
	for {
		select {
		case <-ticker.C:
			s.prune()
		default: // nothing is done here but to wait
			time.Sleep(time.Second)
		}
	}
}

func (s *store) prune() { s.db.Exec("DELETE FROM orders WHERE created < now() - interval '1 day'") }

func (s *store) flush() { s.db.Exec("UPDATE orders SET flushed = true WHERE NOT flushed") }

func main() {
	db, _ := sql.Open("postgres", "dsn")
	s := &store{db: db}
	connection, _ := amqp.Dial("amqp://broker")
	channel, _ := connection.Channel()
	bind(channel, []pipe{{"orders", "orders"}}, s)
	b := &batches{store: s, rows: make(chan []byte)}
	go b.collect()
	go s.idle()
	go s.mind()
}
