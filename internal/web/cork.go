package web

import (
	"net"
	"sync"
)

// A corked is a connection whose owner may hold back what is written, so that
// several frames leave by one system call: those are half of what a message
// costs.
type corked struct {
	net.Conn
	owner *socket

	mu   sync.Mutex // guards what follows
	held *[]byte    // what waits; nil while nothing is held back
}

// most is how many bytes are held back at most.
const most = 64 << 10

var corks = sync.Pool{New: func() any { return new([]byte) }}

// NetConn returns the connection below.
func (c *corked) NetConn() net.Conn { return c.Conn }

// Write implements [net.Conn]. It never fails for what is held back: uncork
// does.
func (c *corked) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return c.Conn.Write(b)
	}
	*c.held = append(*c.held, b...)
	if len(*c.held) < most {
		return len(b), nil
	}
	return len(b), c.flush()
}

// cork begins to hold back.
func (c *corked) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = corks.Get().(*[]byte)
}

// uncork writes what was held back, and holds back nothing any more.
func (c *corked) uncork() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.flush()
	if cap(*c.held) <= 2*most {
		corks.Put(c.held)
	}
	c.held = nil
	return err
}

// flush writes what waits; the caller holds mu.
func (c *corked) flush() error {
	if len(*c.held) == 0 {
		return nil
	}
	_, err := c.Conn.Write(*c.held)
	*c.held = (*c.held)[:0]
	return err
}
