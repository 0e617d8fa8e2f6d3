package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
)

type order struct{ Kind string }

type refund struct{ Amount int }

func handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var o order
	json.Unmarshal(body, &o)
	copied, _ := json.Marshal(o)
	var again refund
	json.Unmarshal(copied, &again) // want: decode_per_item CONCERN quiet=false
	twice(body)
	either(body, o.Kind)
	untyped(body)
	fallback(body)
	fields(bytes.NewBuffer(body))
}

// fields reads one number after the other from what is left.
func fields(rest *bytes.Buffer) (version, length int32) {
	binary.Read(rest, binary.BigEndian, &version)
	binary.Read(rest, binary.BigEndian, &length) // ok: decode_per_item
	return version, length
}

func twice(body []byte) {
	var o order
	if err := json.Unmarshal(body, &o); err != nil {
		return
	}
	var all refund
	json.Unmarshal(body, &all) // want: decode_per_item CONCERN
}

// either decodes once, into one of two types.
func either(body []byte, kind string) {
	switch kind {
	case "order":
		var o order
		json.Unmarshal(body, &o)
	default:
		var back refund
		json.Unmarshal(body, &back)
	}
}

// fallback decodes again only when the first form does not fit.
func fallback(body []byte) {
	var o order
	if err := json.Unmarshal(body, &o); err != nil {
		var back refund
		json.Unmarshal(body, &back)
	}
}

func untyped(body []byte) {
	var fields map[string]any
	json.Unmarshal(body, &fields) // want: decode_per_item CONCERN quiet=true
}

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
