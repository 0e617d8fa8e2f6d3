package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"time"
)

type config struct {
	DialTimeout time.Duration
}

type pool struct {
	conf config
}

func (p *pool) dialer() *net.Dialer { return &net.Dialer{Timeout: p.conf.DialTimeout} }

// A dialer's timeout is over all of a dial, with the handshake where there is one.
func (p *pool) serve(w http.ResponseWriter, r *http.Request) {
	dialer := p.dialer()
	if conn, err := dialer.DialContext(context.Background(), "tcp", "store:9000"); err == nil { // want: other GOOD timeout_s=5 worst_case=5
		conn.Close()
	}
	if conn, err := tls.DialWithDialer(dialer, "tcp", "store:9440", nil); err == nil { // want: other GOOD timeout_s=5 worst_case=5
		conn.Close()
	}
	bare := &net.Dialer{}
	if conn, err := bare.Dial("tcp", "store:9001"); err == nil { // want: other RISK bounded=false
		conn.Close()
	}
}

// How long is for the caller to say.
func connect(address string, timeout time.Duration) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: timeout}
	return dialer.Dial("tcp", address) // want: other GAP
}

func main() {
	timeout, _ := time.ParseDuration(os.Args[1])
	connect("store:9001", timeout)
	p := &pool{conf: config{DialTimeout: 5 * time.Second}}
	http.HandleFunc("/store", p.serve)
	http.ListenAndServe(":8080", nil)
}
