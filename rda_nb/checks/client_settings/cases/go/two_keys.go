package main

import (
	"os"
	"strconv"

	"github.com/segmentio/kafka-go"
)

type producer struct {
	BatchSize int
	Bytes     int64
}

func number(key string, otherwise int) int {
	value, err := strconv.Atoi(os.Getenv(key))
	if err != nil {
		return otherwise
	}
	return value
}

// Its callers read two keys: either may set the size of a writer.
func newWriter(cfg producer) *kafka.Writer {
	return &kafka.Writer{
		BatchSize:  cfg.BatchSize, // want: batch_size GOOD value=1 value.config_key=INVENTORY_BATCH_or_MESSAGE_BATCH
		BatchBytes: cfg.Bytes, // want: batch_size GOOD value=1048576 value.config_key=BATCH_BYTES
	}
}

func main() {
	bytes := int64(number("BATCH_BYTES", 1048576))
	newWriter(producer{BatchSize: number("INVENTORY_BATCH", 1), Bytes: bytes})
	newWriter(producer{BatchSize: number("MESSAGE_BATCH", 1), Bytes: bytes})
}
