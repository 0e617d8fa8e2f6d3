package main

import "github.com/ClickHouse/clickhouse-go/v2"

type settings struct {
	Deduplicate int `json:"async_insert_deduplicate"`
	Wait        int `json:"wait_for_async_insert"`
}

type config struct{ settings settings }

func setDefault(field *int, value int) {
	if *field == 0 {
		*field = value
	}
}

func open(cfg config) {
	setDefault(&cfg.settings.Deduplicate, 0)
	setDefault(&cfg.settings.Wait, 1)
	_, _ = clickhouse.Open(&clickhouse.Options{
		Settings: clickhouse.Settings{
			"async_insert":             1,
			"async_insert_deduplicate": cfg.settings.Deduplicate, // want: dedup CONCERN value=0
		},
	})
}

func main() { open(config{}) }
