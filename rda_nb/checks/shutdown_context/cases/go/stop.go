package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func early(server *http.Server) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // want: server_timeout RISK value=10
	defer cancel()
	go func() {
		<-stop
		server.Shutdown(ctx)
	}()
	server.ListenAndServe()
}

func late(server *http.Server) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	go server.ListenAndServe()
	<-stop
	// ok: server_timeout: the time runs from the signal on.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // want: server_timeout GOOD
	defer cancel()
	server.Shutdown(ctx)
}

func main() {
	early(&http.Server{Addr: ":8080"})
	late(&http.Server{Addr: ":8081"})
}
