package main

import (
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type channel int

const (
	mail channel = iota
	text
)

type order string

type counts struct {
	answers  map[codes.Code]int
	channels map[channel]int
	orders   map[order]int
}

func (c *counts) seen(sent channel, about order, err error) {
	c.answers[status.Code(err)]++
	c.answers[status.Code(err)] = c.answers[status.Code(err)] + 1 // fine: as many as there are codes
	c.channels[sent] = 1                                          // fine: as many as there are constants of the type
	c.orders[about] = 1                                           // want: cache_bound CONCERN
}

func (c *counts) handle(w http.ResponseWriter, r *http.Request) {
	c.seen(mail, order(r.FormValue("order")), nil)
}

func main() {
	c := &counts{answers: map[codes.Code]int{}, channels: map[channel]int{}, orders: map[order]int{}}
	http.HandleFunc("/", c.handle)
	http.ListenAndServe(":8080", nil)
}
