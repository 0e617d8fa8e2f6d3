package main

import (
	"net/http"

	"github.com/nats-io/nats.go"
)

type client interface {
	Listen(subject string, into chan *nats.Msg) error
}

type bus struct {
	conn *nats.Conn
}

func (b *bus) Listen(subject string, into chan *nats.Msg) error {
	_, err := b.conn.ChanSubscribe(subject, into)
	return err
}

type server struct {
	bus client
}

// The library does not wait for a reader that is slow: it drops.
func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	messages := make(chan *nats.Msg, 25) // want: queue_bound CONCERN value=25 quiet=true claim=messages_holds_up_to_25_items;_Conn.ChanSubscribe_sends_into_it,_and_an_item_that_finds_it_full_is_dropped,_and_the_error_handler_alone_is_told_(slow_consumer).
	s.bus.Listen(r.URL.Path, messages)
	own := make(chan *nats.Msg, 25) // want: queue_bound GOOD value=25
	go func() {
		for m := range messages {
			own <- m
		}
	}()
	for m := range own {
		w.Write(m.Data)
	}
}

func main() {
	conn, _ := nats.Connect("nats://bus")
	s := &server{bus: &bus{conn: conn}}
	http.HandleFunc("/", s.stream)
	http.ListenAndServe(":8080", nil)
}
