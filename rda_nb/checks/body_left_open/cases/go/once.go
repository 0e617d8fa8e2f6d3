package main

import (
	"errors"
	"net/http"
	"os"
)

// The process ends with the only answer that it leaves open.
func report(url string) error {
	resp, err := http.Get(url) // want: resource_limit CONCERN quiet=true
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New("refused")
	}
	defer resp.Body.Close()
	return nil
}

// Here the command leaves one open per address.
func reportAll(url string) error {
	resp, err := http.Get(url) // want: resource_limit CONCERN quiet=false
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New("refused")
	}
	defer resp.Body.Close()
	return nil
}

func main() {
	if err := report(os.Args[1]); err != nil {
		os.Exit(1)
	}
	for _, url := range os.Args[2:] {
		_ = reportAll(url)
	}
}
