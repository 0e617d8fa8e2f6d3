package main

import (
	"context"

	"github.com/segmentio/kafka-go"
	"github.com/tidwall/gjson"
	"github.com/valyala/fastjson"
)

type kept struct{ parser fastjson.Parser }

func (k *kept) parse(data []byte) string {
	value, err := k.parser.ParseBytes(data) // want: decode_per_item GOOD
	if err != nil {
		return ""
	}
	return string(value.GetStringBytes("name"))
}

type row struct{ raw string }

func (r row) field(name string) gjson.Result {
	return gjson.Get(r.raw, name) // want: decode_per_item CONCERN
}

func (r row) name() string { return r.field("name").String() }

func (r row) size() int64 { return r.field("size").Int() }

func (r row) kind() string { return r.field("kind").String() }

// fine: one field of one text
func first(data string) string {
	return gjson.Get(data, "id").String()
}

func main() {
	r := kafka.NewReader(kafka.ReaderConfig{Topic: "rows"})
	k := &kept{}
	for {
		m, err := r.FetchMessage(context.Background())
		if err != nil {
			return
		}
		one := row{raw: string(m.Value)}
		println(k.parse(m.Value), one.name(), one.size(), one.kind(), first(string(m.Key)))
	}
}
