package main

import (
	"archive/zip"
	"net/http"
)

const most = 1

// fine: the loop is left after the first file that counts.
func extract(w http.ResponseWriter, r *http.Request) {
	archive, err := zip.OpenReader("/tmp/upload.zip")
	if err != nil {
		http.Error(w, "broken", http.StatusBadRequest)
		return
	}
	defer archive.Close()
	taken := 0
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			return
		}
		defer reader.Close()
		taken++
		if taken >= most {
			break
		}
	}
}

func main() {
	http.HandleFunc("/extract", extract)
	http.ListenAndServe(":8080", nil)
}
