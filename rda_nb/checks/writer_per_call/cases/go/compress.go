package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"sync"
)

var writers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func packed(data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out) // want: alloc_in_loop CONCERN
	w.Write(data)
	w.Close()
	return out.Bytes()
}

// fine: taken from a pool
func pooled(data []byte) []byte {
	var out bytes.Buffer
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	w.Write(data)
	w.Close()
	return out.Bytes()
}

type archive struct{ out *gzip.Writer }

// fine: one for the life of the archive
func newArchive() *archive {
	a := &archive{}
	a.out = gzip.NewWriter(&bytes.Buffer{})
	return a
}

func main() {
	a := newArchive()
	http.HandleFunc("GET /report", func(w http.ResponseWriter, r *http.Request) {
		w.Write(packed([]byte(r.URL.Path)))
		w.Write(pooled([]byte(r.URL.Path)))
		a.out.Write([]byte(r.URL.Path))
	})
	http.ListenAndServe(":8080", nil)
}
