// A helper that names its result and returns without a value gives what is assigned to it.
package main

import (
	"log"
	"net/http"
	"os"
	"time"
)

func getenv(key, instead string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	return instead
}

func mustParse(text string) (d time.Duration) {
	d, err := time.ParseDuration(text)
	if err != nil {
		for range 3 {
			log.Print(err)
		}
		os.Exit(1)
	}
	return
}

func main() {
	readTimeout := mustParse(getenv("READ_TIMEOUT", "60s"))
	server := &http.Server{
		Addr:        ":8080",
		ReadTimeout: readTimeout, // want: server_timeout GOOD value=60 value.config_key=READ_TIMEOUT
	}
	log.Fatal(server.ListenAndServe())
}
