// A command that only reads is sent again until its context ends: how long a call lasts without a deadline is not known here.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/redis/rueidis"
)

type cache struct{ client rueidis.Client }

func (c *cache) handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	body, _ := c.client.Do(ctx, c.client.B().Get().Key(r.URL.Path).Build()).AsBytes()     // want: redis GOOD worst_case_s=2
	c.client.Do(context.Background(), c.client.B().Del().Key(r.URL.Path).Build())           // want: redis GAP
	c.client.DoMulti(ctx, c.client.B().Incr().Key("a").Build())                            // want: redis GOOD worst_case_s=2
	w.Write(body)
}

func main() {
	client, _ := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"redis:6379"}})
	c := &cache{client: client}
	http.HandleFunc("/", c.handle)
	http.ListenAndServe(":8080", nil)
}
