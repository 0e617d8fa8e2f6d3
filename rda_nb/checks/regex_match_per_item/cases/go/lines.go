package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/segmentio/kafka-go"
)

var (
	format = regexp.MustCompile(`(?i)format\s+\w+`)
	name   = regexp.MustCompile(`^[a-z]+$`)
	host   = regexp.MustCompile(`^[a-z.]+$`)
)

func consume(r *kafka.Reader) {
	for {
		m, err := r.FetchMessage(context.Background())
		if err != nil {
			return
		}
		keep(m)
		if len(m.Key) > 0 {
			reload(m)
		}
	}
}

func keep(m kafka.Message) {
	words := strings.Fields(string(m.Value))
	for _, word := range words {
		if name.MatchString(word) { // want: regex_in_loop CONCERN
			println(word)
		}
	}
}

// fine: it runs when the configuration is read
func reload(m kafka.Message) {
	for _, word := range strings.Fields(string(m.Key)) {
		println(host.MatchString(word))
	}
}

func insert(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	split(string(raw))
	// fine: one short text per request
	if !host.MatchString(r.Host) {
		w.WriteHeader(400)
	}
}

func split(text string) []string {
	if at := format.FindStringIndex(text); at != nil { // want: regex_in_loop CONCERN
		return []string{text[:at[0]], text[at[1]:]}
	}
	return strings.SplitN(text, " ", 2)
}

func main() {
	go consume(kafka.NewReader(kafka.ReaderConfig{Topic: "lines"}))
	http.HandleFunc("POST /", insert)
	http.ListenAndServe(":8080", nil)
}
