// What is kept by a value of the configuration has as many entries as a deployment names.
package main

import "net/http"

type settings struct{ IssuerURL string }

type verifier struct{ url string }

type login struct {
	verifiers map[string]*verifier
	visitors  map[string]bool
}

func (l *login) serve(w http.ResponseWriter, r *http.Request) {
	cfg := load()
	if _, ok := l.verifiers[cfg.IssuerURL]; !ok {
		l.verifiers[cfg.IssuerURL] = &verifier{cfg.IssuerURL} // want: cache_bound CONCERN quiet=true
	}
	l.visitors[r.Header.Get("X-Session")] = true // want: cache_bound RISK
}

func load() settings { return settings{} }

func main() {
	l := &login{map[string]*verifier{}, map[string]bool{}}
	http.HandleFunc("/login", l.serve)
	http.ListenAndServe(":8080", nil)
}
