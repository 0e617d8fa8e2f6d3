package main

import (
	"bytes"
	"io"
	"net/http"
)

// fine: what is copied is limited where it is taken
func limited(w http.ResponseWriter, r *http.Request) {
	answer, err := http.Get("http://store/items")
	if err != nil {
		return
	}
	defer answer.Body.Close()
	buffer := &bytes.Buffer{}
	io.Copy(buffer, io.LimitReader(answer.Body, 1<<20))
	w.Write(buffer.Bytes())
}

func whole(w http.ResponseWriter, r *http.Request) {
	answer, err := http.Get("http://store/items")
	if err != nil {
		return
	}
	defer answer.Body.Close()
	buffer := &bytes.Buffer{}
	io.Copy(buffer, answer.Body) // want: unbounded_read CONCERN
	w.Write(buffer.Bytes())
}

// A server's own handler is a way in.
type gate struct{}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // want: unbounded_read RISK
	w.Write(body)
}

func main() {
	http.HandleFunc("/limited", limited)
	http.HandleFunc("/whole", whole)
	go http.ListenAndServe(":8080", nil)
	server := &http.Server{Addr: ":8081", Handler: &gate{}}
	server.ListenAndServe()
}
