package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

type clickhouseClient struct {
	url    string
	client *http.Client
}

func (c *clickhouseClient) insert(rows []string) error {
	body := strings.NewReader(strings.Join(rows, "\n"))
	resp, err := c.client.Post(c.url, "text/plain", body) // want: insert CONCERN
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// ok: insert: compressed before it leaves
func (c *clickhouseClient) insertCompressed(rows []string) error {
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, _ = w.Write([]byte(strings.Join(rows, "\n")))
	_ = w.Close()
	resp, err := c.client.Post(c.url, "text/plain", &body)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

type pager struct{ client *http.Client }

// ok: insert: another system's client
func (p *pager) insert(text string) error {
	resp, err := p.client.Post("https://pager.example/incidents", "text/plain", strings.NewReader(text))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
