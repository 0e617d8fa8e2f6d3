// A subprocess ends with its context; without one nothing ends it.
package main

import (
	"context"
	"net/http"
	"os/exec"
	"time"
)

func convert(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	exec.CommandContext(ctx, "convert", "in.png", "out.pdf").Run() // want: other GOOD timeout_s=30 worst_case_s=30
	exec.Command("sync").Run() // want: other RISK bounded=false
}

func main() {
	http.HandleFunc("/convert", convert)
	http.ListenAndServe(":8080", nil)
}
