package order

import (
	"errors"
	"os"
	"testing"
)

func sample(tb testing.TB) []byte {
	tb.Helper()
	body, err := os.ReadFile("../../testdata/order.json")
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func TestDecode(t *testing.T) {
	event, err := Decode(sample(t))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if event.OrderID != "DE-00000004F2" || len(event.Lines) != 2 {
		t.Errorf("decoded %+v", event)
	}
}

func TestDecodeRejects(t *testing.T) {
	for name, body := range map[string]string{
		"no json":      `{`,
		"bad order id": `{"tenant_id":"t","event_id":"e","order_id":"4711","version":1,"status":"paid","lines":[{"sku":"A"}]}`,
		"no lines":     `{"tenant_id":"t","event_id":"e","order_id":"DE-00000004F2","version":1,"status":"paid"}`,
		"bad status":   `{"tenant_id":"t","event_id":"e","order_id":"DE-00000004F2","version":1,"status":"lost","lines":[{"sku":"A"}]}`,
	} {
		if _, err := Decode([]byte(body)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid", name, err)
		}
	}
}

func TestNormalizeSKU(t *testing.T) {
	for raw, want := range map[string]string{
		"ab 12/3":  "AB-12-3",
		"AB-12-3":  "AB-12-3",
		" ab__12 ": "AB-12",
	} {
		if got := NormalizeSKU(raw); got != want {
			t.Errorf("NormalizeSKU(%q) = %q, want %q", raw, got, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	body := sample(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		event, err := Decode(body)
		if err != nil {
			b.Fatal(err)
		}
		for j := range event.Lines {
			event.Lines[j].SKU = NormalizeSKU(event.Lines[j].SKU)
		}
	}
}
