package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

type order struct{ ID string }

func create(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read RISK
	w.Write(body)
}

func update(w http.ResponseWriter, r *http.Request) {
	var o order
	json.NewDecoder(r.Body).Decode(&o) // want: unbounded_read RISK
}

func limited(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	body, _ := io.ReadAll(r.Body) // want: unbounded_read GOOD
	w.Write(body)
}

func limitedByReader(w http.ResponseWriter, r *http.Request) {
	source := io.LimitReader(r.Body, 1<<20)
	body, _ := io.ReadAll(source) // want: unbounded_read GOOD
	w.Write(body)
}

// decode limits for all who call it.
func viaHelper(w http.ResponseWriter, r *http.Request) {
	var o order
	decode(w, r, &o)
}

func decode(w http.ResponseWriter, r *http.Request, into any) error {
	return json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(into) // want: unbounded_read GOOD
}

// outer limits, inner reads.
func outer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	inner(r)
}

func inner(r *http.Request) {
	io.ReadAll(r.Body) // want: unbounded_read GOOD
}

// A limit on what comes in does not limit what comes out of it.
func inflate(w http.ResponseWriter, r *http.Request) {
	zipped, _ := gzip.NewReader(http.MaxBytesReader(w, r.Body, 1<<20))
	io.ReadAll(zipped) // want: unbounded_read RISK
}

func proxy(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("http://store")
	if err != nil {
		return
	}
	body, _ := io.ReadAll(resp.Body) // want: unbounded_read CONCERN
	w.Write(body)
	var o order
	json.NewDecoder(resp.Body).Decode(&o)
	req, _ := http.NewRequest(http.MethodPost, "http://store", bytes.NewReader(body))
	io.ReadAll(req.Body)
	var out bytes.Buffer
	io.Copy(&out, resp.Body) // want: unbounded_read CONCERN
	io.Copy(w, resp.Body)
	os.ReadFile(r.URL.Path) // want: unbounded_read CONCERN
	os.ReadFile("/etc/hostname")
}

func main() {
	settings, _ := os.ReadFile(os.Args[1])
	_ = settings
	http.HandleFunc("/create", create)
	http.HandleFunc("/update", update)
	http.HandleFunc("/limited", limited)
	http.HandleFunc("/reader", limitedByReader)
	http.HandleFunc("/helper", viaHelper)
	http.HandleFunc("/outer", outer)
	http.HandleFunc("/inflate", inflate)
	http.HandleFunc("/proxy", proxy)
	http.ListenAndServe(":8080", nil)
}
