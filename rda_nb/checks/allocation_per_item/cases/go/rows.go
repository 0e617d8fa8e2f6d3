package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"strings"

	"github.com/segmentio/kafka-go"
)

type values []any

type event struct {
	Keys   []any
	Amount float64
}

func convert(e event) (string, values) {
	var parts []string
	for _, key := range e.Keys {
		parts = append(parts, fmt.Sprintf("%v", key)) // want: reflection CONCERN
	}
	row := make(values, 0, len(e.Keys)) // want: alloc_in_loop CONCERN
	for _, key := range e.Keys {
		row = append(row, key)
	}
	return strings.Join(parts, "."), row
}

func cents(amount float64) int64 {
	product := new(big.Float).Mul(big.NewFloat(amount), big.NewFloat(100)) // want: alloc_in_loop CONCERN
	whole, _ := product.Int64()
	return whole
}

// fine: texts for people, and a number whose type is known
func explain(e event) error {
	for _, key := range e.Keys {
		if key == nil {
			return fmt.Errorf("bad key %v", key)
		}
		log.Print(fmt.Sprintf("key %v", key))
		println(fmt.Sprintf("%d", len(e.Keys)))
	}
	return nil
}

// fine: once, when it starts
func newNames() []any {
	names := make([]any, 0, 8)
	for i := 0; i < 8; i++ {
		names = append(names, fmt.Sprintf("%v", i))
	}
	return names
}

func main() {
	r := kafka.NewReader(kafka.ReaderConfig{Topic: "events"})
	println(len(newNames()))
	for {
		m, err := r.FetchMessage(context.Background())
		if err != nil {
			return
		}
		var e event
		if json.Unmarshal(m.Value, &e) == nil {
			key, row := convert(e)
			println(key, len(row), cents(e.Amount), explain(e))
		}
	}
}
