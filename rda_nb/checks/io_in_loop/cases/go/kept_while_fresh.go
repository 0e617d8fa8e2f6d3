package main

import (
	"net/http"
	"sync"
	"time"
)

type windows struct {
	web    *http.Client
	mu     sync.Mutex
	expiry time.Time
	known  []string
}

// The list is fetched once a minute, however many alerts ask for it.
func (w *windows) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Now().Before(w.expiry) {
		return w.known
	}
	if resp, err := w.web.Get("http://windows/list"); err == nil {
		resp.Body.Close()
		w.expiry = time.Now().Add(time.Minute)
	}
	return w.known
}

func (w *windows) muted(alert string) bool {
	for _, known := range w.list() {
		if known == alert {
			return true
		}
	}
	return false
}

func (w *windows) owner(alert string) bool {
	resp, err := w.web.Get("http://owners/" + alert)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

func (w *windows) show(rw http.ResponseWriter, r *http.Request) {
	for _, alert := range r.URL.Query()["alert"] {
		if w.muted(alert) {
			continue
		}
		w.owner(alert) // want: n_plus_one CONCERN
	}
}

func main() {
	w := &windows{web: &http.Client{Timeout: time.Second}}
	http.HandleFunc("/alerts", w.show)
	http.ListenAndServe(":8080", nil)
}
