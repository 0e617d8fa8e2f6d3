package main

import (
	"flag"
	"fmt"
	"net/http"
)

// fine: the call acts on it, whatever is done with its error
var maxUploadBytes = flag.Int64("max-upload-bytes", 8<<20, "memory for one form")

var maxRows = flag.Int64("max-rows", 100, "rows of one answer") // want: resource_limit CONCERN value=100

func parse(r *http.Request, limit int64) error {
	err := r.ParseMultipartForm(limit)
	if err != nil {
		return fmt.Errorf("unable to parse the form: %w", err)
	}
	return nil
}

func main() {
	flag.Parse()
	limit, rows := *maxUploadBytes, *maxRows
	if rows < 0 {
		panic("rows")
	}
	http.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		if err := parse(r, limit); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	http.ListenAndServe(":8080", nil)
}
