// What is called in a package that nothing is known of may wait: the row names it and claims no more.
package main

import (
	"context"
	"net/http"
	"time"

	"example.org/routes/api"
)

type syncer struct{ client api.RouteClient }

func (s *syncer) refresh(ctx context.Context) { // want: scheduled_job GAP claim=every_tick:_syncer.refresh_calls_RouteClient.GetRoutes:_how_long_example.org/routes/api_waits_is_not_known.
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for range every.C {
		s.client.GetRoutes(ctx)
	}
}

func main() { // want: cli_job GOOD claim=start_of_main_reaches_no_blocking_IO_that_the_target_shows.
	s := &syncer{api.New("routes:9000")}
	go s.refresh(context.Background())
	http.ListenAndServe(":8080", nil)
}
