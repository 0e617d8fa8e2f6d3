package main

import (
	"net"
	"net/http"
)

// A datagram socket and a socket of this host wait for nobody on the network.
func report(w http.ResponseWriter, r *http.Request) {
	if conn, err := net.Dial("udp", "stats:8125"); err == nil { // want: other GOOD
		conn.Close()
	}
	if conn, err := net.Dial("unix", "/run/agent.sock"); err == nil { // want: other GOOD
		conn.Close()
	}
	if conn, err := net.Dial("tcp", "ledger:7000"); err == nil { // want: other RISK bounded=false
		conn.Close()
	}
}

func main() {
	http.HandleFunc("/report", report)
	http.ListenAndServe(":8080", nil)
}
