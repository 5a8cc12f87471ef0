package relay

import (
	"net"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

func first(username, password string, _ time.Time) (string, string) { return username, password }

// An attribute is one of STUN, as bytes.
type attribute struct {
	typ   stun.AttrType
	value []byte
}

// AddTo implements stun.Setter.
func (a attribute) AddTo(m *stun.Message) error {
	m.Add(a.typ, a.value)
	return nil
}

var requestedUDP = attribute{stun.AttrRequestedTransport, []byte{17, 0, 0, 0}}

// peer is XOR-PEER-ADDRESS (RFC 8489, section 14.2), in the very form of the
// address: four bytes or sixteen.
func peer(addr net.Addr) stun.Setter {
	u := addr.(*net.UDPAddr)
	return setter(func(m *stun.Message) error {
		mask := append([]byte{0x21, 0x12, 0xa4, 0x42}, m.TransactionID[:]...)
		ip, family := u.IP, byte(2)
		if len(ip) == net.IPv4len {
			family = 1
		}
		value := []byte{0, family, byte(u.Port>>8) ^ mask[0], byte(u.Port) ^ mask[1]}
		for i, b := range ip {
			value = append(value, b^mask[i])
		}
		m.Add(stun.AttrXORPeerAddress, value)
		return nil
	})
}

type setter func(*stun.Message) error

// AddTo implements stun.Setter.
func (s setter) AddTo(m *stun.Message) error { return s(m) }

// A raw client sends one request at a time, as it is told to.
type raw struct {
	t        *testing.T
	conn     net.Conn
	username string
	key      stun.MessageIntegrity
	nonce    stun.Nonce
}

func newRaw(t *testing.T, f *fixture, username, password string) *raw {
	t.Helper()
	if username == "" {
		username, password, _ = f.Credentials("raw", "ada")
	}
	conn, err := net.Dial("udp", f.udp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &raw{t: t, conn: conn, username: username, key: stun.NewLongTermIntegrity(username, "example.org", password)}
	answer := c.send(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassRequest), requestedUDP)
	if err := c.nonce.GetFrom(answer); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *raw) request(method stun.Method, attributes ...stun.Setter) (stun.MessageClass, stun.ErrorCode) {
	c.t.Helper()
	setters := append([]stun.Setter{stun.TransactionID, stun.NewType(method, stun.ClassRequest)}, attributes...)
	answer := c.send(append(setters, stun.NewUsername(c.username), stun.NewRealm("example.org"), c.nonce, c.key)...)
	var code stun.ErrorCodeAttribute
	_ = code.GetFrom(answer) // there is none in a success
	return answer.Type.Class, code.Code
}

func (c *raw) send(setters ...stun.Setter) *stun.Message {
	c.t.Helper()
	m := stun.MustBuild(setters...)
	b := make([]byte, 1600)
	for range 10 {
		if _, err := c.conn.Write(m.Raw); err != nil {
			c.t.Fatal(err)
		}
		_ = c.conn.SetReadDeadline(time.Now().Add(time.Second))
		n, err := c.conn.Read(b)
		if err != nil {
			continue
		}
		answer := &stun.Message{Raw: b[:n]}
		if err := answer.Decode(); err == nil && answer.TransactionID == m.TransactionID {
			return answer
		}
	}
	c.t.Fatal("no answer")
	return nil
}
