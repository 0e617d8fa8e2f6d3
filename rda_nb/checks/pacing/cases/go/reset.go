package main

import "time"

type config struct{ heartbeat int }

func watch(cfg config, change <-chan time.Duration, done <-chan struct{}) {
	ticker := time.NewTicker(10 * time.Second) // want: poll_interval GOOD value=10
	defer ticker.Stop()
	timer := time.NewTimer(time.Hour)
	for {
		select {
		case <-ticker.C:
			timer.Reset(time.Minute) // fine: one wait, no interval
		case <-change:
			ticker.Reset(30 * time.Second) // want: poll_interval GOOD value=30
		case <-done:
			return
		}
	}
}

func main() { watch(config{}, nil, nil) }
