package main

import (
	"context"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// ok: insert: one block of columns for all rows
func flush(ctx context.Context, client *ch.Client, ids []string) error {
	var id proto.ColStr
	for _, one := range ids {
		id.Append(one)
	}
	input := proto.Input{{Name: "id", Data: id}}
	return client.Do(ctx, ch.Query{Body: input.Into("events"), Input: input}) // want: insert GOOD
}
