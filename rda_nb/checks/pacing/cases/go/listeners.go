package main

import (
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"
)

type server struct {
	listener net.Listener
	plain    *net.TCPListener
	quit     chan struct{}
	group    sync.WaitGroup
}

func (s *server) handle(conn net.Conn) {
	defer conn.Close()
	conn.Write([]byte("ok"))
}

// Out of file descriptors, accept fails at once.
func (s *server) run() {
	for {
		conn, err := s.listener.Accept()
		if err != nil { // want: backoff CONCERN bounded=false
			if strings.Contains(err.Error(), "use of closed network connection") {
				break
			}
			slog.Warn("accept failed", "error", err)
			continue
		}
		go s.handle(conn)
	}
}

// The way out before it is not the way to the next turn.
func (s *server) runUntilStopped() {
	for {
		select {
		case <-s.quit:
			s.group.Wait()
			return
		default:
		}
		s.plain.SetDeadline(time.Now().Add(time.Second))
		conn, err := s.plain.Accept()
		if err != nil { // want: backoff CONCERN bounded=false
			if failed, ok := err.(*net.OpError); !ok || !failed.Timeout() {
				slog.Warn("accept failed", "address", s.plain.Addr(), "error", err)
			}
			continue
		}
		go s.handle(conn)
	}
}

// What leaves only when the server stops leaves the failure as it is.
func (s *server) runUntilQuit() {
	for {
		conn, err := s.listener.Accept()
		if err != nil { // want: backoff CONCERN bounded=false
			select {
			case <-s.quit:
				return
			default:
				slog.Warn("accept failed", "error", err)
				continue
			}
		}
		go s.handle(conn)
	}
}

// fine: it rests
func (s *server) runResting() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond) // want: backoff GOOD
			continue
		}
		go s.handle(conn)
	}
}

// fine: a failure ends it
func (s *server) runOnce() error {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return err
		}
		go s.handle(conn)
	}
}

func main() {
	listener, _ := net.Listen("tcp", ":2003")
	s := &server{listener: listener, plain: listener.(*net.TCPListener), quit: make(chan struct{})}
	go s.run()
	go s.runUntilStopped()
	go s.runUntilQuit()
	go s.runResting()
	s.runOnce()
}
