package main

import (
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/urfave/cli/v2"
)

const (
	DefaultBatchSize     = 500              // want: batch_size GOOD value=500 configurable=true
	DefaultPollInterval  = 15 * time.Second // want: poll_interval GOOD value=15 configurable=true
	DefaultRetryInterval = 20 * time.Second // want: backoff GOOD value=20 configurable=false
)

func written(d time.Duration) string { return fmt.Sprint(d.Seconds()) + "s" }

func main() {
	var interval time.Duration
	app := kingpin.New("service", "polls")
	app.Flag("listener-interval", "how often").
		Default("5s"). // want: poll_interval GOOD value=5 value.config_key=listener-interval
		DurationVar(&interval)
	workers := app.Flag("workers", "how many").Default("4").Int() // want: concurrency GOOD value=4 configurable=true
	flags := []cli.Flag{
		&cli.IntFlag{Name: "batch-size", Value: DefaultBatchSize, EnvVars: []string{"BATCH_SIZE"}},
		&cli.StringFlag{Name: "poll-interval", Value: written(DefaultPollInterval)},
		&cli.StringFlag{Name: "listen-address", Value: ":8080"}, // fine: no limit
	}
	time.Sleep(DefaultRetryInterval)
	fmt.Println(interval, *workers, flags)
	app2 := &cli.App{Flags: flags, Action: func(c *cli.Context) error {
		batchSize := c.Int("batch-size") // fine: told where the flag is defined
		fmt.Println(batchSize)
		return nil
	}}
	app2.Run(nil)
}
