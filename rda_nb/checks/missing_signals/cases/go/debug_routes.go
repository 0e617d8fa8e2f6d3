package main

import "net/http"

func dump(w http.ResponseWriter, r *http.Request) {
	http.Get("http://store/cache")
}

// ok: throughput: whoever operates the service asks here now and then.
func main() {
	http.HandleFunc("/debug/cache/", dump)
	http.HandleFunc("/healthz", dump)
	http.ListenAndServe(":8080", nil)
}
