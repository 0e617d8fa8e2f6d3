package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

type client struct{ http *http.Client }

func (c *client) allowed(req *http.Request) (bool, error) {
	resp, err := c.http.Do(req) // want: resource_limit CONCERN
	if err != nil {
		return false, err
	}
	if resp.StatusCode != http.StatusOK {
		return false, errors.New("refused")
	}
	defer resp.Body.Close()
	var answer struct{ Allowed bool }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.Allowed, err
}

func (c *client) decoded(req *http.Request) (map[string]string, error) {
	resp, err := c.http.Do(req) // want: resource_limit CONCERN
	if err != nil {
		return nil, err
	}
	var answer map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	resp.Body.Close()
	return answer, nil
}

func (c *client) never(url string) int {
	resp, err := c.http.Get(url) // want: resource_limit CONCERN
	if err != nil {
		return 0
	}
	return resp.StatusCode
}

func (c *client) ping(url string) error {
	_, err := c.http.Get(url) // want: resource_limit CONCERN
	return err
}

func (c *client) deferred(url string) (int, error) {
	resp, err := c.http.Get(url)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err := resp.Body.Close(); err != nil {
			println(err.Error())
		}
	}()
	if resp.StatusCode != http.StatusOK {
		return 0, errors.New("refused") // fine: closed in the defer above
	}
	return resp.StatusCode, nil
}

func (c *client) closedInBoth(url string) error {
	resp, err := c.http.Get(url)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return errors.New("refused") // fine
	}
	return resp.Body.Close()
}

// read to its end, a body gives its connection back.
func (c *client) readWhole(url string) ([]byte, error) {
	resp, err := c.http.Get(url)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(resp.Body)
}

func (c *client) open(url string) (io.ReadCloser, error) {
	resp, err := c.http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil // fine: the caller closes it
}

func (c *client) raw(url string) (*http.Response, error) {
	resp, err := c.http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func drain(resp *http.Response) { resp.Body.Close() }

func (c *client) drained(url string) error {
	resp, err := c.http.Get(url)
	if err != nil {
		return err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return errors.New("refused")
	}
	return nil
}

func (c *client) head(url string) int {
	resp, err := c.http.Head(url) // fine: without a body
	if err != nil {
		return 0
	}
	return resp.StatusCode
}

func (c *client) again(req *http.Request) (err error) {
	var resp *http.Response
	for range 3 {
		resp, err = c.http.Do(req)
		if err == nil {
			break
		}
	}
	if err != nil {
		return err // fine: there is no answer
	}
	defer resp.Body.Close()
	return nil
}

func main() {
	c := &client{http: &http.Client{}}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		c.allowed(r)
		c.decoded(r)
		c.never("http://a")
		c.ping("http://a")
		c.deferred("http://a")
		c.closedInBoth("http://a")
		c.readWhole("http://a")
		c.open("http://a")
		c.raw("http://a")
		c.drained("http://a")
		c.head("http://a")
		c.again(r)
	})
	http.ListenAndServe(":8080", nil)
}
