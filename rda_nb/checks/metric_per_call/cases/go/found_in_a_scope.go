package main

import (
	"net/http"

	"github.com/uber-go/tally/v4"
)

type server struct{ scope tally.Scope }

// A scope of the same tags, and a counter of the same name in it, are made once and found from then on.
func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.scope.Tagged(map[string]string{"method": r.Method}).Counter("requests").Inc(1) // fine: found by its name
	s.scope.Timer("latency").Record(0)                                               // fine: found by its name
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	scope, _ := tally.NewRootScope(tally.ScopeOptions{}, 0)
	s := &server{scope: scope}
	http.HandleFunc("/", s.handle)
	http.ListenAndServe(":8080", nil)
}
