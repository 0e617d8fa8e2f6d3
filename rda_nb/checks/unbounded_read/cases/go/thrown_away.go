package main

import (
	"bytes"
	"io"
	"net/http"
	"os"

	"github.com/docker/docker/pkg/stdcopy"
)

func pull(from io.Reader) error {
	_, err := io.ReadAll(from) // want: unbounded_read CONCERN
	return err
}

func output(from io.Reader) string {
	var out, failed bytes.Buffer
	stdcopy.StdCopy(&out, &failed, from) // want: unbounded_read CONCERN
	return out.String() + failed.String()
}

// fine: nothing of it stays in memory
func drained(from io.Reader) error {
	_, err := io.Copy(io.Discard, from)
	return err
}

func main() {
	http.HandleFunc("POST /run", func(w http.ResponseWriter, r *http.Request) {
		pull(os.Stdin)
		drained(os.Stdin)
		w.Write([]byte(output(os.Stdin)))
	})
	http.ListenAndServe(":8080", nil)
}
