package relay

import (
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
)

// A guard watches over connections: who allocates nothing, or does not read,
// is cut.
type guard struct {
	mu    sync.Mutex // guards what follows
	conns map[string]*guarded
}

func newGuard() *guard { return &guard{conns: make(map[string]*guarded)} }

// allocated says that a client has an allocation, or has one no more.
func (g *guard) allocated(client net.Addr, has bool) {
	if _, ok := client.(*net.TCPAddr); !ok {
		return
	}
	g.mu.Lock()
	c := g.conns[client.String()]
	g.mu.Unlock()
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
		c := &guarded{Conn: conn, g: l.g, name: conn.RemoteAddr().String()}
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
	g.conns[c.name] = c
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

// A guarded connection cuts whoever does not read.
type guarded struct {
	net.Conn
	g        *guard
	name     string
	deadline atomic.Int64 // of writing, Unix nanoseconds
}

// Write writes, for writeWait at most.
func (c *guarded) Write(b []byte) (int, error) {
	now := time.Now()
	if c.deadline.Load()-now.UnixNano() < int64(writeWait-2*time.Second) { // not for each packet
		c.deadline.Store(now.Add(writeWait).UnixNano())
		_ = c.SetWriteDeadline(now.Add(writeWait))
	}
	n, err := c.Conn.Write(b)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}

// Close closes the connection.
func (c *guarded) Close() error {
	c.g.mu.Lock()
	if c.g.conns[c.name] == c {
		delete(c.g.conns, c.name)
	}
	c.g.mu.Unlock()
	return c.Conn.Close()
}
