package consumer

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"testing"
)

func BenchmarkDecode(b *testing.B) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte(`{"parcel_id":"P1","depot":"HAM2","scanned_at":"2024-05-01T12:00:00Z","kind":"in"}`))
	_ = writer.Close()
	body := base64.StdEncoding.EncodeToString(packed.Bytes())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
