package nettest

import (
	"net"
	"sync"
	"testing"
)

// A Cable leads from one program to a server. It can be cut, or go dead: then
// everything stays connected and nothing arrives.
type Cable struct {
	listener net.Listener
	to       string

	mu    sync.Mutex // guards what follows
	ends  map[net.Conn]bool
	cut   bool
	alive chan struct{} // closed while bytes pass
}

// NewCable leads to an address until the test ends.
func NewCable(t testing.TB, to string) *Cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cable{listener: l, to: to, ends: make(map[net.Conn]bool), alive: make(chan struct{})}
	close(c.alive)
	go c.serve()
	t.Cleanup(func() {
		l.Close()
		c.Mend()
		c.Snap()
	})
	return c
}

// Address is where it begins.
func (c *Cable) Address() string { return c.listener.Addr().String() }

func (c *Cable) serve() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil || !c.add(near, far) {
			near.Close()
			if err == nil {
				far.Close()
			}
			continue
		}
		go c.pass(near, far)
		go c.pass(far, near)
	}
}

func (c *Cable) add(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return false
	}
	for _, e := range ends {
		c.ends[e] = true
	}
	return true
}

// pass copies what comes, as long as the cable is alive.
func (c *Cable) pass(from, to net.Conn) {
	defer func() {
		from.Close()
		to.Close()
		c.mu.Lock()
		delete(c.ends, from)
		c.mu.Unlock()
	}()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		c.mu.Lock()
		alive := c.alive
		c.mu.Unlock()
		<-alive
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// Snap cuts the cable: all connections break, and none is made.
func (c *Cable) Snap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for e := range c.ends {
		e.Close()
	}
}

// Deaden lets nothing through, and nobody know.
func (c *Cable) Deaden() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.alive:
		c.alive = make(chan struct{})
	default:
	}
}

// Mend makes it whole again.
func (c *Cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
	select {
	case <-c.alive:
	default:
		close(c.alive)
	}
}
