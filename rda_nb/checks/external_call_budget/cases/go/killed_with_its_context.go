package main

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"time"
)

// The program is killed when the context is done, though the command was not given it.
func run(ctx context.Context, line string) error {
	command := exec.Command("/usr/local/bin/report", line)
	done := make(chan error, 1)
	go func() { done <- command.Run() }() // want: other GOOD
	select {
	case <-ctx.Done():
		command.Process.Kill()
		return errors.New("killed")
	case err := <-done:
		return err
	}
}

func patient(line string) error {
	return exec.Command("/usr/local/bin/report", line).Run() // want: other RISK bounded=false
}

func main() {
	http.HandleFunc("/report", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		run(ctx, "a")
		patient("b")
	})
	http.ListenAndServe(":8080", nil)
}
