package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
)

const largest = 1 << 20

type connection struct {
	conn   net.Conn
	buffer []byte
}

// frame allocates what its peer says: growing what is kept is no limit.
func (c *connection) frame() ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(c.conn, header[:]); err != nil {
		return nil, err
	}
	size := int32(header[0]) | int32(header[1])<<8 | int32(header[2])<<16 | int32(header[3])<<24
	if int(size) > cap(c.buffer) {
		c.buffer = make([]byte, 0, size) // want: unbounded_read RISK
	}
	_, err := io.ReadFull(c.conn, c.buffer[:size])
	return c.buffer[:size], err
}

func (c *connection) message() ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(c.conn, header); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(header)
	body := make([]byte, int(length)) // want: unbounded_read RISK
	_, err := io.ReadFull(c.conn, body)
	return body, err
}

func (c *connection) limited() ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(c.conn, header); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(header)
	size := int(length)
	if size > largest {
		return nil, errors.New("too large")
	}
	body := make([]byte, size) // fine: compared after its conversion
	_, err := io.ReadFull(c.conn, body)
	return body, err
}

func check(n uint32) error {
	if n > largest {
		return errors.New("too large")
	}
	return nil
}

func (c *connection) checked() ([]byte, error) {
	header := make([]byte, 4)
	if _, err := c.conn.Read(header); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(header)
	if err := check(length); err != nil {
		return nil, err
	}
	return make([]byte, length), nil // fine: a helper compares it
}

func (c *connection) small() ([]byte, error) {
	header := make([]byte, 2)
	if _, err := io.ReadFull(c.conn, header); err != nil {
		return nil, err
	}
	return make([]byte, binary.BigEndian.Uint16(header)), nil // fine: 65,535 at most
}

// stored reads what the service itself wrote.
func stored(file io.Reader) ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(file, header); err != nil {
		return nil, err
	}
	return make([]byte, binary.BigEndian.Uint32(header)), nil // fine: no peer
}

func (c *connection) lines() {
	reader := bufio.NewReader(c.conn)
	for {
		line, err := reader.ReadBytes('\n') // want: unbounded_read CONCERN
		if err != nil {
			return
		}
		c.buffer = line
	}
}

func (c *connection) short() {
	reader := bufio.NewReader(io.LimitReader(c.conn, largest))
	for {
		line, err := reader.ReadString('\n') // fine: through a limit
		if err != nil {
			return
		}
		c.buffer = []byte(line)
	}
}

func (c *connection) scan() {
	scanner := bufio.NewScanner(c.conn) // fine: a scanner has its own cap
	for scanner.Scan() {
		c.buffer = scanner.Bytes()
	}
}

// ask reads the answer of a server that this one chose.
func ask() string {
	conn, err := net.Dial("tcp", "store:7000")
	if err != nil {
		return ""
	}
	line, _ := bufio.NewReader(conn).ReadString('\n') // fine: dialled
	return line
}

func (c *connection) serve() {
	defer c.conn.Close()
	for {
		if _, err := c.frame(); err != nil {
			return
		}
		c.message()
		c.limited()
		c.checked()
		c.small()
		c.lines()
		c.short()
		c.scan()
		ask()
		stored(nil)
	}
}

func main() {
	listener, err := net.Listen("tcp", ":7001")
	if err != nil {
		panic(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		c := &connection{conn: conn}
		go c.serve()
	}
}
