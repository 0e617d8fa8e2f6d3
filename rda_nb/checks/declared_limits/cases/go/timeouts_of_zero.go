// A timeout that is 0 unless somebody sets it is none, whatever its name promises.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
)

type config struct {
	StatementTimeoutMs int
	LockTimeoutMs      int
}

func number(key string, fallback int) int {
	if value, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return value
	}
	return fallback
}

var (
	checked = flag.Int("timeout-before-checking", 0, "seconds before the speed is looked at") // want: resource_limit GOOD value=0
	asked   = flag.Duration("request-timeout", 0, "timeout of one request")                     // want: resource_limit CONCERN value=0
)

func main() {
	flag.Parse()
	var c config
	c.StatementTimeoutMs = number("STATEMENT_TIMEOUT_MS", 0) // want: server_timeout CONCERN value=0
	c.LockTimeoutMs = number("REQUEST_TIMEOUT_MS", 500)      // ok: nothing
	fmt.Println(c, *checked, *asked)
	_ = http.ListenAndServe(":8080", nil)
}
