package relay

import (
	"bufio"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// idle is how long a connection may be open that has allocated nothing.
	idle = 10 * time.Second
	// writeWait is how long a client may not read before it is cut.
	writeWait = 10 * time.Second
	// maxConns bounds the connections.
	maxConns = 4 * MaxAllocations
	// sendBuffer is how much the kernel holds for a client that reads too
	// slowly, in bytes: a picture that is late is worth less than none.
	sendBuffer = 256 << 10
	// readBuffer is how much is read of a stream at once, in bytes: many
	// packets, where the library would ask for each.
	readBuffer = 16 << 10
	// together is how much is written at once, in bytes: a record of TLS.
	together = 16 << 10
)

// A guard watches over connections: who allocates nothing, or does not read,
// is cut.
type guard struct {
	mu    sync.Mutex // guards what follows
	conns map[ends]*guarded
}

// ends are those of a connection: one port of a client can reach several
// listeners.
type ends struct{ client, own string }

func newGuard() *guard { return &guard{conns: make(map[ends]*guarded)} }

// of returns a client's connection, or nil where it came by UDP.
func (g *guard) of(client, own net.Addr) *guarded {
	if _, ok := client.(*net.TCPAddr); !ok {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.conns[ends{client.String(), own.String()}]
}

// allocated says that a connection has an allocation, or has one no more.
func (g *guard) allocated(client, own net.Addr, has bool) {
	c := g.of(client, own)
	if c == nil {
		return
	}
	deadline := time.Time{}
	if !has {
		deadline = time.Now().Add(idle)
	}
	_ = c.SetReadDeadline(deadline) // a connection that is closed needs none
}

func (g *guard) listen(l net.Listener) net.Listener { return &guardedListener{l, g} }

type guardedListener struct {
	net.Listener
	g *guard
}

// Accept returns the next connection; above the bound they are closed.
func (l *guardedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &guarded{Conn: conn, g: l.g, ends: ends{conn.RemoteAddr().String(), conn.LocalAddr().String()}, in: bufio.NewReaderSize(conn, readBuffer)}
		if !l.g.add(c) {
			_ = conn.Close()
			continue
		}
		bound(conn)
		_ = c.SetReadDeadline(time.Now().Add(idle))
		return c, nil
	}
}

func (g *guard) add(c *guarded) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.conns) >= maxConns {
		return false
	}
	g.conns[c.ends] = c
	return true
}

// bound limits what the kernel keeps for a slow reader.
func bound(conn net.Conn) {
	for {
		switch c := conn.(type) {
		case *net.TCPConn:
			_ = c.SetWriteBuffer(sendBuffer) // it is the kernel's to refuse
			return
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return
		}
	}
}

// A guarded connection cuts whoever does not read. What is written while more
// is about to come goes out together.
type guarded struct {
	net.Conn
	g    *guard
	ends ends
	in   *bufio.Reader
	more atomic.Bool // is about to come

	mu       sync.Mutex // guards what follows
	out      []byte     // waits for more
	deadline time.Time  // of writing
}

// Read reads what the client sends.
func (c *guarded) Read(b []byte) (int, error) { return c.in.Read(b) }

// Write writes, for writeWait at most.
func (c *guarded) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = append(c.out, b...)
	if c.more.Load() && len(c.out) < together {
		return len(b), nil
	}
	return len(b), c.send()
}

// flush sends what waits for more.
func (c *guarded) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.more.Store(false)
	if len(c.out) > 0 {
		_ = c.send() // closes it where that fails
	}
}

// send writes what waits. The caller holds mu.
func (c *guarded) send() error {
	now := time.Now()
	if c.deadline.Sub(now) < writeWait-2*time.Second { // not for each packet
		c.deadline = now.Add(writeWait)
		_ = c.SetWriteDeadline(c.deadline)
	}
	_, err := c.Conn.Write(c.out)
	c.out = c.out[:0]
	if err != nil {
		_ = c.Close()
	}
	return err
}

// Close closes the connection.
func (c *guarded) Close() error {
	c.g.mu.Lock()
	if c.g.conns[c.ends] == c {
		delete(c.g.conns, c.ends)
	}
	c.g.mu.Unlock()
	return c.Conn.Close()
}
