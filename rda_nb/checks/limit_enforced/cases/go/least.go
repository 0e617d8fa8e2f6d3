package main

import (
	"errors"
	"flag"
	"fmt"
)

var (
	maxTime = flag.Int64("max-time-to-process", 3600, "seconds for one event")
	tries   = flag.Int64("drain-retries", 3, "tries")
	timeout = flag.Int64("drain-timeout", 300, "seconds for one try")
)

const slackSeconds = 30

func check() error {
	ceiling := *tries**timeout + slackSeconds // want: resource_limit GOOD value=930
	if *maxTime < ceiling {
		return fmt.Errorf("--max-time-to-process must be at least %d", ceiling)
	}
	least := 5
	if *tries > 10 && least > 5 { // fine: nothing is worked out
		return errors.New("too many tries")
	}
	return nil
}

func main() {
	flag.Parse()
	_ = check()
}
