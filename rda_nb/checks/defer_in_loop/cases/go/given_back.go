package main

import (
	"bytes"
	"net/http"
	"os"
	"sync"
)

var buffers = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// fine: a buffer that is given back late is made anew meanwhile
func fill(parts []string) {
	for _, part := range parts {
		buffer := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(buffer)
		buffer.WriteString(part)
	}
}

func read(parts []string) {
	for _, part := range parts {
		file, err := os.Open(part)
		if err != nil {
			continue
		}
		defer file.Close() // want: defer_in_loop CONCERN
	}
}

func main() {
	http.HandleFunc("/fill", func(w http.ResponseWriter, r *http.Request) {
		fill(r.URL.Query()["part"])
		read(r.URL.Query()["part"])
	})
	http.ListenAndServe(":8080", nil)
}
