package main

import (
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
)

type event struct{ ID, Kind string }

func handle(w http.ResponseWriter, r *http.Request) {
	var events []event
	json.NewDecoder(r.Body).Decode(&events)
	slog.Info("events received", "count", len(events))
	for i, e := range events {
		slog.Info("event received", "id", e.ID) // want: log_in_loop CONCERN quiet=false
		slog.Debug("event", "id", e.ID)
		if i%500 == 0 {
			slog.Info("progress", "done", i)
		}
		if e.Kind == "" {
			slog.Warn("event without a kind", "id", e.ID) // want: log_in_loop CONCERN quiet=true
		}
		if err := store(e); err != nil {
			slog.Error("not stored", "error", err)
			return
		}
	}
	body := fmt.Sprint(events)
	log.Printf("request: %s", body) // want: log_in_loop CONCERN
	log.Printf("request of %d bytes", len(body))
	if len(body) == 0 {
		log.Printf("nothing in the request: %s", body) // ok: log_in_loop: it is empty
	}
}

func store(e event) error { return nil }

func load(events []event) {
	for _, e := range events {
		slog.Info("loaded", "id", e.ID)
	}
}

func main() {
	load([]event{})
	http.HandleFunc("/events", handle)
	http.ListenAndServe(":8080", nil)
}
