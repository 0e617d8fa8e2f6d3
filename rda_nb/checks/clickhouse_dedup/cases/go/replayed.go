package main

import (
	"net/http"
	"os"
	"strings"
	"time"
)

type clickhouse struct{ url string }

func (c clickhouse) insert(body string) error {
	resp, err := http.Post(c.url, "text/plain", strings.NewReader(body))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// A file is taken away once its rows are stored; the first try may have stored them too.
func replay(c clickhouse, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := c.insert(string(text)); err != nil { // want: dedup CONCERN
		return err
	}
	return os.Remove(name)
}

func load(c clickhouse, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return c.insert(string(text)) // fine: the file stays, nothing is sent a second time
}

func main() {
	c := clickhouse{url: "http://clickhouse:8123"}
	for range time.Tick(time.Minute) {
		_ = replay(c, "one")
	}
	_ = load(c, "two")
}
