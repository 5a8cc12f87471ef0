package relay

import (
	"net"
	"testing"
)

// A connAt is a connection by its two addresses.
type connAt struct {
	net.Conn
	client, own net.Addr
}

func (c connAt) RemoteAddr() net.Addr { return c.client }
func (c connAt) LocalAddr() net.Addr  { return c.own }

// A listenerOf accepts one connection.
type listenerOf struct {
	net.Listener
	conn net.Conn
}

func (l listenerOf) Accept() (net.Conn, error) { return l.conn, nil }

// TestGuardOfOneClient has one client's port come to two listeners.
func TestGuardOfOneClient(t *testing.T) {
	g := newGuard()
	client := &net.TCPAddr{IP: net.IP{192, 0, 2, 1}, Port: 1234}
	var accepted []net.Conn
	for port := range 2 {
		a, b := net.Pipe()
		defer b.Close()
		own := &net.TCPAddr{IP: net.IP{192, 0, 2, 9}, Port: 443 + port}
		c, err := g.listen(listenerOf{conn: connAt{a, client, own}}).Accept()
		if err != nil {
			t.Fatal(err)
		}
		accepted = append(accepted, c)
	}
	for _, c := range accepted {
		if got := g.of(client, c.LocalAddr()); got != c {
			t.Errorf("at %v there is %v", c.LocalAddr(), got)
		}
		_ = c.Close()
	}
	if n := len(g.conns); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}
