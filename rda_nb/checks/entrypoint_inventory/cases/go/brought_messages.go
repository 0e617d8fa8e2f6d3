package main

import (
	"context"
	"database/sql"

	"example.org/inhouse/queue"
)

type importer struct {
	consumer queue.Consumer
	db       *sql.DB
}

// A library that nothing is known of brings its messages here.
func (i *importer) publish(ctx context.Context, batch []queue.Message) error {
	for _, message := range batch {
		if _, err := i.db.ExecContext(ctx, "INSERT INTO items VALUES (?)", message.GetData()); err != nil {
			return err
		}
	}
	return nil
}

// fine: it takes no message
func (i *importer) closed(ctx context.Context) {
	i.db.ExecContext(ctx, "UPDATE owners SET gone = 1")
}

func main() {
	db, _ := sql.Open("postgres", "dsn")
	i := &importer{consumer: queue.NewConsumer("items"), db: db}
	i.consumer.RegisterBatchHandler(context.Background(), i.publish) // want: stream_processor RISK
	i.consumer.OnClose(context.Background(), i.closed)
	i.consumer.Start()
}
