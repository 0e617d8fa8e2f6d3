package main

import "net/http"

const mostBuffered = 1000

type sink struct {
	sizes  []int
	kept   []string
	bufLen int
	keep   int
}

func (s *sink) flush()               { s.bufLen = 0 }
func (s *sink) removeAll(n []string) {}

func (s *sink) put(w http.ResponseWriter, r *http.Request) {
	bufThreshold := 500
	if s.bufLen > bufThreshold { // want: batch_size GOOD value=500
		s.flush()
	}
	images := r.Header.Values("image")
	imageBufferSize := 30
	if len(images) > imageBufferSize { // want: cache_bound GOOD value=30
		s.removeAll(images[imageBufferSize:])
	}
	// What is trimmed after an append keeps one less: that is told where lengths are bounded.
	maxKept := 10
	s.kept = append(s.kept, r.URL.Path)
	if len(s.kept) >= maxKept {
		s.kept = s.kept[1:]
	}
}

func main() {
	http.HandleFunc("/", (&sink{}).put)
	_ = http.ListenAndServe(":8080", nil)
}
