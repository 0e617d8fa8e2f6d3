package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"
)

type api struct{ server *http.Server }

func stopped() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	<-stop
}

// The server returns when the shutdown begins: the process is gone before a request is answered.
func (a *api) serve() {
	go func() {
		stopped()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		a.server.Shutdown(ctx)
	}()
	if err := a.server.ListenAndServe(); err != nil {
		log.Fatal(err) // want: server_timeout RISK value=0
	}
}

type admin struct{ server *http.Server }

func (a *admin) listen() error {
	if cert := os.Getenv("CERT"); cert != "" {
		return a.server.ListenAndServeTLS(cert, os.Getenv("KEY"))
	}
	return a.server.ListenAndServe()
}

func (a *admin) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a.server.Shutdown(ctx)
}

func (a *admin) serve() {
	go func() {
		err := a.listen()
		if err != nil {
			log.Printf("serve: %v", err)
			os.Exit(1) // want: server_timeout RISK value=0
		}
	}()
	stopped()
	a.stop()
}

// What is tested for is the error of a failure alone.
func patient(server *http.Server) {
	go func() {
		if err := server.ListenAndServe(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	stopped()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // want: server_timeout GOOD value=10
	defer cancel()
	server.Shutdown(ctx)
}

// It is told, and main goes on.
func told(server *http.Server) {
	go func() {
		if err := server.ListenAndServe(); err != nil {
			log.Println(err)
		}
	}()
	stopped()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // want: server_timeout GOOD value=10
	defer cancel()
	server.Shutdown(ctx)
}

// Nobody shuts this one down: it ends when it has failed.
func plain(server *http.Server) {
	if err := server.ListenAndServe(); err != nil {
		log.Fatal(err)
	}
}

func main() {
	go patient(&http.Server{Addr: ":8082"})
	go told(&http.Server{Addr: ":8083"})
	go plain(&http.Server{Addr: ":8084"})
	go (&admin{server: &http.Server{Addr: ":8081"}}).serve()
	(&api{server: &http.Server{Addr: ":8080"}}).serve()
}
