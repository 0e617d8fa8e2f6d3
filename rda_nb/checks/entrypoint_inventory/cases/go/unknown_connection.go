// A connection of a module that nothing is known of may wait without a context; what only carries a context does not.
package main

import (
	"context"
	"net/http"
	"strings"

	"example.org/identity"
	"example.org/platform/log"
	"example.org/push"
	"example.org/words"
)

type sender struct{ client *push.Client }

func (s *sender) send(w http.ResponseWriter, r *http.Request) {
	s.client.Push(r.FormValue("token"))
}

func (s *sender) told(w http.ResponseWriter, r *http.Request) { // fine: who asks is read from the context, and logged
	ctx := r.Context()
	user := identity.GetUser(ctx)
	log.Info(ctx, "told", user)
	w.Write([]byte(words.Title(strings.TrimSpace(user))))
}

func (s *sender) asked(w http.ResponseWriter, r *http.Request) {
	words.Lookup(r.Context(), "hello")
}

func main() { // want: cli_job GAP claim=start_of_main_calls_`push.NewClient`_at_unknown_connection.go:33:_whether_example.org/push_waits_there_is_not_known.
	s := &sender{push.NewClient("push:9000")}
	http.HandleFunc("/send", s.send)   // want: api_route GAP claim=/send_calls_`s.client.Push`_at_unknown_connection.go:18:_whether_example.org/push_waits_there_is_not_known.
	http.HandleFunc("/told", s.told)   // want: api_route GOOD claim=/told_reaches_no_blocking_IO_that_the_target_shows.
	http.HandleFunc("/asked", s.asked) // want: api_route GAP claim=/asked_calls_`words.Lookup`_at_unknown_connection.go:29:_whether_example.org/words_waits_there_is_not_known.
	http.ListenAndServe(":8080", nil)
}

var _ context.Context
