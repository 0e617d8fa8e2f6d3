package main

import (
	"net/http"
	"sync"
	"time"

	"example.com/gates"
)

type processor struct {
	gate   *gates.Gate
	wg     sync.WaitGroup
	client *http.Client
	tokens chan struct{}
	places chan struct{}
}

// The caller waits at the gate, and the goroutine leaves it.
func (p *processor) gated(w http.ResponseWriter, r *http.Request) {
	p.wg.Add(1)
	p.gate.Start()
	go func() { // fine: so many run as the gate lets in
		defer p.gate.Done()
		defer p.wg.Done()
		p.send("/gated")
	}()
}

// A token is taken out of a channel that was filled with them, and given back at the end.
func (p *processor) takesToken(w http.ResponseWriter, r *http.Request) {
	token := <-p.tokens
	go func(own struct{}) { // fine: so many run as there are tokens
		defer func() {
			p.tokens <- own
		}()
		http.Get("http://store/token")
	}(token)
}

func (p *processor) takesPlace(w http.ResponseWriter, r *http.Request) {
	p.places <- struct{}{}
	go func() { // fine: so many run as there are places
		defer func() { <-p.places }()
		http.Get("http://store/place")
	}()
}

// What is read from a channel is no token where nothing is given back.
func (p *processor) readsItem(w http.ResponseWriter, r *http.Request) {
	<-p.tokens
	go func() { // want: fanout RISK
		http.Get("http://store/item")
	}()
}

// A wait group lets all in.
func (p *processor) counted(w http.ResponseWriter, r *http.Request) {
	p.wg.Add(1)
	go p.unlimited() // want: fanout RISK
}

func (p *processor) unlimited() {
	defer p.wg.Done()
	http.Get("http://store/counted")
}

// What is started ends by itself.
func (p *processor) brief(w http.ResponseWriter, r *http.Request) {
	go p.send("/brief") // want: fanout CONCERN
}

func (p *processor) send(path string) {
	p.client.Get("http://store" + path)
}

func main() {
	p := &processor{gate: gates.New(10), client: &http.Client{Timeout: 5 * time.Second}}
	http.HandleFunc("/gated", p.gated)
	http.HandleFunc("/token", p.takesToken)
	http.HandleFunc("/place", p.takesPlace)
	http.HandleFunc("/item", p.readsItem)
	http.HandleFunc("/counted", p.counted)
	http.HandleFunc("/brief", p.brief)
	http.ListenAndServe(":8080", nil)
}
