package main

import "github.com/Workiva/go-datastructures/queue"

type pool struct {
	work   chan func()
	wakeUp chan struct{}
	stop   chan struct{}
}

func newPool(size int) *pool {
	return &pool{
		work:   make(chan func(), size), // want: queue_bound GOOD value=3
		wakeUp: make(chan struct{}, 1),  // want: queue_bound GOOD value=1
		stop:   make(chan struct{}),     // fine: it carries nothing and keeps nothing
	}
}

func (p *pool) submit(f func()) { p.work <- f }

func (p *pool) notify() {
	select {
	case p.wakeUp <- struct{}{}:
	default:
	}
}

func main() {
	p := newPool(3)
	p.submit(func() {})
	p.notify()
	q := queue.New(1000) // want: queue_bound CONCERN bounded=false
	_ = q.Put("item")
}
