// What a store is handed was fetched by an HTTP client; the store's own client has a timeout of its own.
package main

import (
	"io"
	"net"
	"net/http"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

type cache struct{ client *memcache.Client }

// A dial and a command, half a second each
func (c *cache) put(key string, body []byte) error {
	return c.client.Set(&memcache.Item{Key: key, Value: body}) // want: other GOOD timeout_s=0.5 worst_case_s=1
}

var fetcher = &http.Client{
	Timeout:   time.Minute,
	Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext},
}

func fetch() []byte {
	response, err := fetcher.Get("http://pages/") // want: http GOOD timeout_s=60
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return body
}

func main() {
	c := &cache{client: memcache.New("cache:11211")}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.put(r.URL.Path, fetch()) })
	http.ListenAndServe(":8080", nil)
}
