// What is long enough goes on to the work: a least length refuses nothing.
package main

import (
	"errors"
	"net/http"
)

type packet struct{ payload string }

func (p *packet) parse() error {
	if p.payload[0] != 'S' {
		return errors.New("no packet")
	}
	return nil
}

func (p *packet) decode() error {
	var err error
	if len(p.payload) > 32 { // ok: payload_limit: it lets through
		err = p.parse()
		if err != nil {
			println("cannot parse", err)
			return err
		}
	}
	return nil
}

func handle(w http.ResponseWriter, r *http.Request) {
	p := &packet{payload: r.FormValue("p")}
	p.decode()
	if len(p.payload) > 4096 { // want: payload_limit GOOD value=4096
		http.Error(w, "too long", http.StatusBadRequest)
		return
	}
}

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
