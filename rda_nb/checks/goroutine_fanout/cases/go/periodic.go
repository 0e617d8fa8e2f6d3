package main

import (
	"context"
	"net/http"
	"sync"
	"time"
)

type bridge struct {
	sync.Mutex
	rows   []string
	last   time.Time
	places chan struct{}
	ended  chan struct{}
}

func send(rows []string) {
	for _, row := range rows {
		resp, err := http.Get("http://broker/publish?row=" + row)
		if err == nil {
			resp.Body.Close()
		}
	}
}

func report() {
	resp, err := http.Get("http://registry/alive")
	if err == nil {
		resp.Body.Close()
	}
}

// The batches pile up while the broker is slow.
func (b *bridge) flush() {
	b.Lock()
	defer b.Unlock()
	if time.Since(b.last) > time.Second {
		rows := b.rows
		b.rows = nil
		go send(rows) // want: fanout CONCERN hot=true
		b.last = time.Now()
	}
}

func (b *bridge) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		default:
			b.flush()
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// fine: as many run as there are places
func (b *bridge) narrow() {
	for {
		rows := b.take()
		b.places <- struct{}{}
		go func() {
			defer func() { <-b.places }()
			send(rows)
		}()
		time.Sleep(time.Second)
	}
}

// fine: the turn waits for what it has started
func (b *bridge) handOver() {
	for {
		go func() {
			send(b.take())
			b.ended <- struct{}{}
		}()
		<-b.ended
		time.Sleep(time.Second)
	}
}

// fine: it is started once
func (b *bridge) watch() {
	started := false
	for range time.Tick(time.Minute) {
		if !started {
			started = true
			go report()
		}
	}
}

func (b *bridge) alive() {
	ticker := time.NewTicker(time.Minute)
	for range ticker.C {
		go report() // want: fanout CONCERN hot=false
	}
}

// fine: it has ended before the next tick
func (b *bridge) aliveInTime() {
	client := &http.Client{Timeout: 10 * time.Second}
	ticker := time.NewTicker(time.Minute)
	for range ticker.C {
		go func() {
			resp, err := client.Get("http://registry/alive")
			if err == nil {
				resp.Body.Close()
			}
		}()
	}
}

func (b *bridge) take() []string {
	b.Lock()
	defer b.Unlock()
	rows := b.rows
	b.rows = nil
	return rows
}

func main() {
	b := &bridge{places: make(chan struct{}, 4), ended: make(chan struct{})}
	go b.run(context.Background())
	go b.narrow()
	go b.handOver()
	go b.watch()
	go b.alive()
	b.aliveInTime()
}
