package main

import (
	"errors"
	"net/http"
	"time"
)

var errDown = errors.New("down")

type pool struct{ urls []string }

func (p *pool) pick() string { return p.urls[0] }

func (p *pool) post(url string) (int, error) {
	resp, err := http.Post(url, "text/plain", nil)
	if err != nil {
		return 0, errDown
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

// The next server is asked at once.
func (p *pool) send() (int, error) {
	for {
		status, err := p.post(p.pick())
		if errors.Is(err, errDown) { // want: backoff CONCERN value=0
			continue
		}
		return status, err
	}
}

type server struct{ url string }

func (s *server) ask() error {
	_, err := http.Get(s.url)
	return err
}

func (p *pool) choose() *server { return &server{p.urls[0]} }

// Each turn asks another server, which need not rest: worth a row, no finding of its own.
func (p *pool) elsewhere(w http.ResponseWriter, r *http.Request) {
	if err := p.any(); err != nil {
		w.WriteHeader(http.StatusBadGateway)
	}
}

func (p *pool) any() error {
	for {
		s := p.choose()
		err := s.ask()
		if errors.Is(err, errDown) { // want: backoff CONCERN quiet=true
			continue
		}
		return err
	}
}

func drain(p *pool, retryAttempts int) error {
	var err error
	for retryAttempts > 0 { // want: backoff CONCERN value=0
		if _, err = p.post("http://node"); err == nil {
			return nil
		}
		retryAttempts--
	}
	return err
}

func patient(p *pool, maxAttempts int) error {
	var err error
	for attempt := 0; attempt < maxAttempts; attempt++ {
		if _, err = p.post("http://node"); err == nil {
			return nil
		}
		time.Sleep(time.Second) // fine: it waits
	}
	return err
}

// Each turn takes other work: nothing is tried again.
func all(p *pool) error {
	for _, url := range p.urls {
		if _, err := p.post(url); err != nil {
			continue
		}
	}
	return nil
}

func main() {
	p := &pool{urls: []string{"http://a"}}
	_, _ = p.send()
	http.HandleFunc("/any", p.elsewhere)
	_ = drain(p, 3)
	_ = patient(p, 3)
	_ = all(p)
}
