package main

import (
	"net/http"
	"time"
)

// The call tells of this timeout, with what it adds up to: once is enough.
var slow = &http.Client{
	Timeout: 20 * time.Minute, // want: http CONCERN quiet=true timeout_s=1200
}

// Nothing that is known to serve requests uses this one.
var idle = &http.Client{
	Timeout: 30 * time.Minute, // want: http CONCERN quiet=false timeout_s=1800
}

func handle(w http.ResponseWriter, r *http.Request) {
	slow.Get("http://reports/")
}

func main() {
	idle.Get("http://setup/")
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
