package main

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
)

const clickhouseURL = "http://clickhouse:8123/"

type request struct{ params, content string }

type clickhouse struct{}

func (clickhouse) query(r request) (*http.Response, error) {
	return http.Post(clickhouseURL+"?"+r.params, "text/plain", strings.NewReader(r.content))
}

func proxy(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	sql := string(body)
	resp, err := clickhouse{}.query(request{content: sql}) // want: query CONCERN
	if err == nil {
		_, _ = io.Copy(w, resp.Body)
	}
}

func status(w http.ResponseWriter, r *http.Request) {
	resp, err := clickhouse{}.query(request{content: "system"}) // fine: the service's own
	if err == nil {
		_, _ = io.Copy(w, resp.Body)
	}
}

func run(sql string) error {
	args := []string{
		"clickhouse", "client", // want: query CONCERN
		"--query", sql,
	}
	return exec.Command("docker", args...).Run()
}

func bounded(sql string) error {
	args := []string{
		"clickhouse", "client", "--max_execution_time", "10", // fine: a limit on its time
		"--query", sql,
	}
	return exec.Command("docker", args...).Run()
}

func main() {
	http.HandleFunc("/", proxy)
	http.HandleFunc("/status", status)
	_ = run("SELECT 1")
	_ = bounded("SELECT 1")
	_ = http.ListenAndServe(":8080", nil)
}
