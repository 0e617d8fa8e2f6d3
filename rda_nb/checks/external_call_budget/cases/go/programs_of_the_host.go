package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
)

func memory() string {
	cmd := exec.Command("ps", "-p", fmt.Sprintf("%d", os.Getpid()), "-o", "rss=")
	out, _ := cmd.CombinedOutput() // want: other CONCERN consequence=inefficiency
	return string(out)
}

func convert(path string) string {
	cmd := exec.Command("convert", path, "-")
	out, _ := cmd.CombinedOutput() // want: other RISK
	return string(out)
}

func main() {
	http.HandleFunc("/stats", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, memory()) })
	http.HandleFunc("/convert", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, convert(r.URL.Path)) })
	http.ListenAndServe(":8080", nil)
}
