package main

import (
	"errors"
	"math/rand"
	"net/http"
	"strconv"
)

var errUnknown = errors.New("unknown")

const idRetries = 3

func find(id string) error {
	resp, err := http.Get("http://teams/" + id)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return errUnknown
	}
	return nil
}

// ok: backoff: every failure ends the loop; it looks for another id after a success.
func unused(w http.ResponseWriter, r *http.Request) {
	for i := 0; i < idRetries; i++ {
		id := strconv.Itoa(rand.Int())
		err := find(id)
		if errors.Is(err, errUnknown) {
			w.Write([]byte(id))
			break
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
}

func main() {
	http.HandleFunc("POST /teams", unused)
	http.ListenAndServe(":8080", nil)
}
