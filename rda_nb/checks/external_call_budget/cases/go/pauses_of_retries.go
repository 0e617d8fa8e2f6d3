// A counted loop in one over the parts of a list is the retry; a timer whose arm tries again is a pause and ends nothing.
package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second}

func export(entries []string) {
	for len(entries) > 0 {
		part := entries[:min(100, len(entries))]
		entries = entries[len(part):]
		until := time.Now().Add(time.Minute)
		for try := 0; try < 2; try++ {
			resp, err := client.Get("http://archive/") // want: http GOOD attempts=2 worst_case_s=70 bounded=true
			if err == nil && resp.StatusCode == http.StatusTooManyRequests {
				pause := time.Second
				if given, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
					pause = time.Duration(given) * time.Second
				}
				if pause > 0 && pause < time.Minute && time.Now().Before(until) {
					time.Sleep(pause)
					continue
				}
			}
			break
		}
	}
}

// Whatever the answer says is waited for: no limit is written down.
func exportPatiently() {
	for try := 0; try < 2; try++ {
		resp, err := client.Get("http://patient/") // want: http GAP attempts=2
		if err != nil {
			break
		}
		pause := time.Second
		if given, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			pause = time.Duration(given) * time.Second
		}
		time.Sleep(pause)
	}
}

var stop = make(chan bool)

func untilDone(attempt int) {
	for {
		timer := time.After(time.Duration(attempt) * time.Second)
		select {
		case <-stop:
			return
		case <-timer:
			if _, err := client.Get("http://again/"); err != nil { // want: http RISK bounded=false
				attempt++
			} else {
				return
			}
		}
	}
}

// The time that is up ends this one.
func untilLate(answers chan error) error {
	for attempt := 0; ; attempt++ {
		select {
		case err := <-answers:
			if _, again := client.Get("http://late/"); again != nil { // want: http GAP
				continue
			}
			return err
		case <-time.After(time.Minute):
			return errors.New("too late")
		}
	}
}

func main() {
	http.HandleFunc("/export", func(w http.ResponseWriter, r *http.Request) {
		export([]string{"a"})
		exportPatiently()
		untilDone(1)
		untilLate(make(chan error))
	})
	http.ListenAndServe(":8080", nil)
}
