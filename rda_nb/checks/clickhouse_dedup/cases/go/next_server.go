package main

import (
	"errors"
	"net/http"
	"strings"
)

var errDown = errors.New("down")

type clickhouseNode struct {
	url    string
	client *http.Client
}

func (n *clickhouseNode) insert(rows string) error {
	resp, err := n.client.Post(n.url, "text/plain", strings.NewReader(rows))
	if err != nil {
		return errDown
	}
	return resp.Body.Close()
}

type cluster struct{ nodes []*clickhouseNode }

func (c *cluster) insert(rows string) error {
	for {
		err := c.next().insert(rows)
		if errors.Is(err, errDown) { // want: dedup CONCERN
			continue
		}
		return err
	}
}

func (c *cluster) next() *clickhouseNode { return c.nodes[0] }

// ok: dedup: each turn takes other rows
func (c *cluster) run(in chan string) {
	for rows := range in {
		if err := c.next().insert(rows); err != nil {
			continue
		}
		in <- ""
	}
}

func main() {
	c := &cluster{nodes: []*clickhouseNode{{client: http.DefaultClient}}}
	_ = c.insert("a")
	c.run(make(chan string))
}
