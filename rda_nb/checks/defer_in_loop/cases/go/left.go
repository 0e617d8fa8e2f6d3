package main

import (
	"net/http"
	"os"
)

type limiter struct {
	pattern string
	places  chan struct{}
}

var limiters []limiter

// fine: the first that matches is the last; no way from the deferred call leads to the next turn.
func query(w http.ResponseWriter, r *http.Request) {
	for _, one := range limiters {
		if one.pattern != r.URL.Path {
			continue
		}
		one.places <- struct{}{}
		defer func() {
			<-one.places
		}()
		// continue only as long as the client waits
		if r.Context().Err() != nil {
			w.WriteHeader(http.StatusGatewayTimeout)
			return
		}
		break
	}
	for _, name := range r.Header.Values("File") {
		select {
		case <-r.Context().Done():
			file, _ := os.Open(name)
			defer file.Close()
			for i := 0; i < 3; i++ {
				if i == 2 {
					break
				}
			}
		default:
		}
		return
	}
}

func files(w http.ResponseWriter, r *http.Request) {
each:
	for _, name := range r.Header.Values("File") {
		file, err := os.Open(name)
		if err != nil {
			return
		}
		defer file.Close() // want: defer_in_loop CONCERN
		if name != "last" {
			continue
		}
		return
	}
	for _, name := range r.Header.Values("File") {
		switch name {
		case "a":
			file, _ := os.Open(name)
			// The break leaves the switch alone.
			defer file.Close() // want: defer_in_loop CONCERN
			break
		}
	}
	// A few attempts, of which the last alone goes well.
	for attempt := 0; attempt < len(r.URL.Path); attempt++ {
		file, err := os.Open(r.URL.Path)
		if err != nil {
			continue
		}
		defer file.Close()
		if _, err := file.Read(nil); err != nil {
			continue
		}
		break
	}
	// The next is tried when one has failed: what opened well is returned with.
	for _, name := range r.Header.Values("File") {
		file, err := os.Open(name)
		if err != nil {
			continue
		}
		defer file.Close()
		if _, err := file.Read(nil); err != nil {
			continue
		}
		return
	}
named:
	for _, name := range r.Header.Values("File") {
		switch name {
		case "a":
			file, _ := os.Open(name)
			defer file.Close()
			break named
		}
	}
	for range r.Header.Values("File") {
		for _, name := range r.Header.Values("Name") {
			if name == "a" {
				file, _ := os.Open(name)
				// Left for the next turn of the outer loop.
				defer file.Close() // want: defer_in_loop CONCERN
				break
			}
		}
	}
	if len(r.Header) == 0 {
		goto each
	}
}

func main() {
	http.HandleFunc("/query", query)
	http.HandleFunc("/files", files)
	http.ListenAndServe(":8080", nil)
}
