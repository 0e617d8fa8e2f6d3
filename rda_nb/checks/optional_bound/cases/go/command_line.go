package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

type Config struct {
	MaxResponseSize uint64
	MaxQueueSize    int
	Retention       time.Duration
}

var defaults = Config{MaxResponseSize: 50 << 10}

// A flag that takes the place of a setting: without it the setting's own default holds.
func buildConfig(cmd *cobra.Command) (*Config, error) {
	cfg := &defaults
	maxResponseSize, err := cmd.Flags().GetUint64("max-response-size")
	if err != nil {
		return nil, err
	}
	if maxResponseSize != 0 { // fine
		cfg.MaxResponseSize = maxResponseSize
	}
	maxQueueSize, err := cmd.Flags().GetInt("max-queue-size")
	if err != nil {
		return nil, err
	}
	if maxQueueSize > 0 { // want: queue_bound CONCERN
		cfg.MaxQueueSize = maxQueueSize
	}
	return cfg, nil
}

func newCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "serve"}
	cmd.Flags().Uint64("max-response-size", 0, "longest answer in bytes")
	cmd.Flags().Int("max-queue-size", 0, "most that wait")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := newConfig(cmd)
		fmt.Println(cfg)
		http.ListenAndServe(":8080", nil)
		return err
	}
	return cmd
}

func newConfig(cmd *cobra.Command) (*Config, error) { return buildConfig(cmd) }

func main() { newCommand().Execute() }
