package main

import (
	"errors"
	"net/http"
	"time"
)

const badServerTimeout = 60 * time.Second

type peer struct {
	bad  bool
	last time.Time
}

type cache struct {
	ttl     time.Duration
	updated time.Time
	peers   []peer
}

func newCache() *cache { return &cache{ttl: 5 * time.Minute} }

func (c *cache) get(w http.ResponseWriter, r *http.Request) {
	if time.Since(c.updated) > c.ttl { // want: cache_bound GOOD value=300
		c.updated = time.Now()
	}
	now := time.Now()
	for i := range c.peers {
		if c.peers[i].bad && now.Sub(c.peers[i].last) > badServerTimeout { // want: backoff GOOD value=60
			c.peers[i].bad = false
		}
		if c.peers[i].last.Add(c.ttl).Before(now) { // want: cache_bound GOOD value=300
			c.peers[i].last = now
		}
	}
}

const maxRangeDuration = 31 * 24 * time.Hour

func check(from, to time.Time) error {
	if to.Sub(from) > maxRangeDuration { // want: payload_limit GOOD value=2678400
		return errors.New("range too long")
	}
	// A plain comparison of two ages says nothing of a limit.
	if to.Sub(from) > time.Since(from) {
		return errors.New("in the future")
	}
	return nil
}

func main() {
	http.HandleFunc("/", newCache().get)
	_ = check(time.Now(), time.Now())
	_ = http.ListenAndServe(":8080", nil)
}
