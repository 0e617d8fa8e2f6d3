package main

import (
	"errors"
	"net/http"
	"time"
)

var (
	ErrConflict = errors.New("conflict")
	client      = &http.Client{Timeout: 15 * time.Second}
)

const retries = 40

func put(path string) error {
	resp, err := client.Get("http://store" + path) // want: http GOOD worst_case=15
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusConflict {
		return ErrConflict
	}
	return nil
}

// A call that times out leaves the loop: only an answer repeats it.
func save(w http.ResponseWriter, r *http.Request) {
	for retry := 0; retry < retries; retry++ {
		err := put(r.URL.Path)
		if err == nil {
			return
		}
		if !errors.Is(err, ErrConflict) {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func main() {
	http.HandleFunc("/save", save)
	http.ListenAndServe(":8080", nil)
}
