// The context of a command is none of a request: the time that a middleware gives requests does not end it.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func ask(ctx context.Context) {
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://prices", nil)
	if answer, err := http.DefaultClient.Do(request); err == nil { // want: http CONCERN bounded=false
		answer.Body.Close()
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	request, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://stock", nil)
	if answer, err := http.DefaultClient.Do(request); err == nil { // want: http GOOD timeout_s=20
		answer.Body.Close()
	}
}

func main() {
	root := &cobra.Command{Use: "service", Run: func(cmd *cobra.Command, args []string) {
		http.ListenAndServe(":8080", limited(http.HandlerFunc(serve)))
	}}
	root.AddCommand(&cobra.Command{Use: "refresh", Run: func(cmd *cobra.Command, args []string) { ask(cmd.Context()) }})
	root.Execute()
}
