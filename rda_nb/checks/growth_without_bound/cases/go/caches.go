package main

import (
	"net/http"
	"sync"
	"time"
)

type price struct{ amount int }

type shop struct {
	mu       sync.Mutex
	prices   map[string]price
	sessions map[string]time.Time
	recent   []string
	byStatus map[int]int
	groups   map[string]map[string]int
	seen     sync.Map
	open     sync.Map
	free     []int
	testing  bool
	executed []string
}

func newShop() *shop {
	return &shop{prices: map[string]price{}, sessions: map[string]time.Time{}, byStatus: map[int]int{}}
}

func (s *shop) price(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.FormValue("sku") + "/" + r.FormValue("currency")
	s.prices[key] = price{1} // want: cache_bound RISK bounded=false
}

// Old sessions are deleted by the sweeper.
func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[r.FormValue("user")] = time.Now() // want: cache_bound GOOD
}

func (s *shop) sweep() {
	for user, at := range s.sessions {
		if time.Since(at) > time.Hour {
			delete(s.sessions, user)
		}
	}
}

// Never longer than a hundred.
func (s *shop) view(w http.ResponseWriter, r *http.Request) {
	if len(s.recent) >= 100 {
		return
	}
	s.recent = append(s.recent, r.URL.Path) // ok: queue_bound
}

// A free list: what is added here is taken in newSlot.
func (s *shop) release(w http.ResponseWriter, r *http.Request) {
	s.free = append(s.free, 1) // want: queue_bound GOOD
}

func (s *shop) newSlot(w http.ResponseWriter, r *http.Request) {
	if n := len(s.free); n > 0 {
		s.free = s.free[:n-1]
	}
}

// Few keys by nature: worth a row, not an alarm.
func (s *shop) count(w http.ResponseWriter, r *http.Request) {
	status := len(r.URL.Path)
	s.byStatus[status] = 1 // want: cache_bound CONCERN quiet=true
}

func (s *shop) mark(w http.ResponseWriter, r *http.Request) {
	s.seen.Store(r.RemoteAddr, true) // want: cache_bound CONCERN
	s.open.Store(r.RemoteAddr, true) // want: cache_bound GOOD
	defer s.open.Delete(r.RemoteAddr)
	if s.testing {
		s.executed = append(s.executed, r.URL.Path) // ok: queue_bound
	}
	answer := &reply{}
	answer.add(r.URL.Path)
}

// A value of the request's own ends with it.
type reply struct{ lines []string }

func (a *reply) add(line string) {
	a.lines = append(a.lines, line) // ok: queue_bound
}

// Registration runs at start.
type registry struct{ handlers map[string]http.HandlerFunc }

func (g *registry) handle(path string, h http.HandlerFunc) {
	g.handlers[path] = h // ok: cache_bound
	http.HandleFunc(path, h)
}

func main() {
	s := newShop()
	g := &registry{handlers: map[string]http.HandlerFunc{}}
	g.handle("/price", s.price)
	http.HandleFunc("/price2", s.price)
	http.HandleFunc("/login", s.login)
	http.HandleFunc("/view", s.view)
	http.HandleFunc("/release", s.release)
	http.HandleFunc("/slot", s.newSlot)
	http.HandleFunc("/count", s.count)
	http.HandleFunc("/mark", s.mark)
	go func() {
		for range time.Tick(time.Minute) {
			s.sweep()
		}
	}()
	http.ListenAndServe(":8080", nil)
}
