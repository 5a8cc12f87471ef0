package relay

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// firstByte is how long a connection may take to say what it is.
	firstByte = 10 * time.Second
	// maxUndecided bounds the connections that have not said yet.
	maxUndecided = 4096
	// protocol is TURN in the negotiation of TLS (RFC 7443). Browsers don't say
	// it.
	protocol = "stun.turn"
)

// Split serves HTTP and TURN on one port. A connection is TURN's where it says
// so in the negotiation of TLS, or where its first byte, decrypted, is below 4:
// STUN messages begin with two zero bits (RFC 8489, section 5), and no method
// of STUN has a higher one; HTTP begins with a letter. Both listeners fail
// once the listener below fails; closing either leaves the other.
func Split(l net.Listener) (http, turn net.Listener) {
	s := &splitter{
		below: l, undecided: make(chan struct{}, maxUndecided),
		web:  &half{addr: l.Addr(), conns: make(chan net.Conn), closed: make(chan struct{})},
		turn: &half{addr: l.Addr(), conns: make(chan net.Conn), closed: make(chan struct{})},
	}
	s.web.whole, s.turn.whole = s, s
	go s.run()
	return s.web, s.turn
}

type splitter struct {
	below     net.Listener
	web, turn *half
	undecided chan struct{}

	mu     sync.Mutex // guards what follows
	halves int        // that were closed
}

func (s *splitter) run() {
	for {
		conn, err := s.below.Accept()
		if err != nil {
			s.web.fail(err)
			s.turn.fail(err)
			return
		}
		select {
		case s.undecided <- struct{}{}:
			go func() {
				defer func() { <-s.undecided }()
				s.decide(conn)
			}()
		default:
			_ = conn.Close() // too many at once
		}
	}
}

// decide finds out what a connection is, and hands it over.
func (s *splitter) decide(conn net.Conn) {
	to, ready := s.look(conn)
	if to == nil {
		_ = conn.Close()
		return
	}
	select {
	case to.conns <- ready:
	case <-to.closed:
		_ = conn.Close()
	}
}

func (s *splitter) look(conn net.Conn) (*half, net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(firstByte)) // a connection that is closed needs none
	secure, isTLS := conn.(*tls.Conn)
	if isTLS {
		ctx, cancel := context.WithTimeout(context.Background(), firstByte)
		defer cancel()
		if secure.HandshakeContext(ctx) != nil {
			return nil, nil
		}
	}
	var first [1]byte
	if n, err := conn.Read(first[:]); n == 0 || err != nil {
		return nil, nil
	}
	_ = conn.SetDeadline(time.Time{})
	to := s.web
	if first[0] < 0x04 || isTLS && secure.ConnectionState().NegotiatedProtocol == protocol {
		to = s.turn
	}
	if isTLS {
		return to, &sniffedTLS{Conn: secure, first: first[:]}
	}
	return to, &sniffed{Conn: conn, first: first[:]}
}

// A sniffed connection gives back the byte that was looked at.
type sniffed struct {
	net.Conn
	first []byte
}

func (c *sniffed) Read(b []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// ReadFrom lets net/http send files without copying them, where the
// connection below can.
func (c *sniffed) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := c.Conn.(io.ReaderFrom); ok {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}

// NetConn returns the connection below.
func (c *sniffed) NetConn() net.Conn { return c.Conn }

// A sniffedTLS is the same with TLS, whose state net/http asks for.
type sniffedTLS struct {
	*tls.Conn
	first []byte
}

func (c *sniffedTLS) Read(b []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// A half is one of the two listeners.
type half struct {
	whole  *splitter
	addr   net.Addr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	err    error // why it is closed; set before closed is
}

func (h *half) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, h.err
	}
}

func (h *half) fail(err error) {
	h.once.Do(func() {
		h.err = err
		close(h.closed)
	})
}

// Close ends this half; with the second one the port is closed.
func (h *half) Close() error {
	first := false
	h.once.Do(func() {
		first = true
		h.err = net.ErrClosed
		close(h.closed)
	})
	if !first {
		return nil
	}
	h.whole.mu.Lock()
	h.whole.halves++
	last := h.whole.halves == 2
	h.whole.mu.Unlock()
	if last {
		return h.whole.below.Close()
	}
	return nil
}

func (h *half) Addr() net.Addr { return h.addr }
