// What a value is given to says what kind of limit it is; a name alone leaves a timeout to anybody.
package main

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	firstInterval   = 300 * time.Millisecond // want: backoff GOOD value=0.3
	callTimeout     = 7 * time.Second        // want: resource_limit GOOD value=7
	answerTimeout   = 25 * time.Second       // want: server_timeout GOOD value=25
	lookInterval    = 40 * time.Second       // want: poll_interval GOOD value=40
	maxReceiveCount = 5                      // want: resource_limit GOOD value=5
	connMaxLifetime = time.Hour              // want: resource_limit GOOD value=3600
	parkTimeout     = 3 * time.Second        // want: resource_limit GOOD value=3
	maxParallelRows = 12                     // want: concurrency GOOD value=12
)

// Method is a call to a node.
type Method struct {
	Name    string
	Timeout time.Duration
}

// What a struct of the server holds is the server's, whatever it is called.
type listenerOptions struct{ Timeout time.Duration }

type dialOptions struct{ Timeout time.Duration }

var latest = &Method{
	Name:    "latest",
	Timeout: 5 * time.Second, // want: resource_limit GOOD value=5
}

func defaults() (listenerOptions, dialOptions) {
	return listenerOptions{
			Timeout: 11 * time.Second, // want: server_timeout GOOD value=11
		}, dialOptions{
			Timeout: 12 * time.Second, // want: resource_limit GOOD value=12
		}
}

func ask(ctx context.Context, method *Method, client *http.Client) error {
	ctx, cancel := context.WithTimeout(ctx, method.Timeout)
	defer cancel()
	tries := backoff.NewExponentialBackOff()
	tries.InitialInterval = firstInterval
	return backoff.Retry(func() error {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://node/"+method.Name, nil)
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	}, tries)
}

func main() {
	listening, dialling := defaults()
	client := &http.Client{Timeout: callTimeout}
	db, _ := sql.Open("postgres", "")
	db.SetConnMaxLifetime(connMaxLifetime)
	db.SetMaxOpenConns(maxParallelRows)
	go func() {
		for range time.Tick(lookInterval) {
			_ = ask(context.Background(), latest, client)
		}
	}()
	time.Sleep(parkTimeout + listening.Timeout + dialling.Timeout + maxReceiveCount)
	server := &http.Server{Addr: ":8080", ReadTimeout: answerTimeout, WriteTimeout: answerTimeout}
	go serve(&webConfig{})
	_ = server.ListenAndServe()
}

// A struct that embeds the timeouts of the server sets them by their own key.
type timeouts struct {
	ReadTimeout time.Duration `yaml:"read_timeout"`
}

type webConfig struct {
	Address  string `yaml:"address"`
	timeouts `yaml:",inline"`
}

func (c *webConfig) fill() {
	if c.ReadTimeout == 0 {
		c.ReadTimeout = 50 * time.Second // want: server_timeout GOOD value=50 configurable=true
	}
}

func listen(c timeouts) error {
	server := &http.Server{Addr: ":8081", ReadTimeout: c.ReadTimeout}
	return server.ListenAndServe()
}

func serve(c *webConfig) error {
	c.fill()
	return listen(c.timeouts)
}
