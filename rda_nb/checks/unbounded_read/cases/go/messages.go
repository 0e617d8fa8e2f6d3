package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/segmentio/kafka-go"
)

const most = 1 << 20

type event struct{ ID string }

func main() {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{"kafka:9092"}, Topic: "events", GroupID: "events"})
	for {
		message, err := reader.FetchMessage(context.Background())
		if err != nil {
			return
		}
		_, _ = whole(message.Value)
		_, _ = limited(message.Value)
		_, _ = plain(message.Value)
		_, _ = spooled(string(message.Key))
		_ = reader.CommitMessages(context.Background(), message)
	}
}

func whole(packed []byte) ([]byte, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked) // want: unbounded_read CONCERN
}

// A message beyond a megabyte is cut off.
func limited(packed []byte) (event, error) {
	var found event
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return found, err
	}
	err = json.NewDecoder(io.LimitReader(unpacked, most)).Decode(&found)
	return found, err
}

// The broker's own limit holds for what is not compressed.
func plain(value []byte) ([]byte, error) {
	return io.ReadAll(bytes.NewReader(value))
}

// What the service wrote into a file itself is no message.
func spooled(name string) (event, error) {
	var found event
	file, err := os.Open(name)
	if err != nil {
		return found, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return found, err
	}
	err = json.NewDecoder(unpacked).Decode(&found) // fine: a file
	return found, err
}
