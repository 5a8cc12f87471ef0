package relay

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

// A fixture is a relay on every transport, beside a web server on the same
// port.
type fixture struct {
	*Server
	t    *testing.T
	udp  string
	port string // HTTP and TURN
	tls  string // HTTPS and TURN over TLS
	mu   sync.Mutex
	now  time.Time
	dead map[string]bool // sessions that are over
}

func start(t *testing.T, change ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Now(), dead: make(map[string]bool)}
	plain, secure := listen(t), listen(t)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.udp, f.port, f.tls = udp.LocalAddr().String(), plain.Addr().String(), secure.Addr().String()
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS()
	t.Cleanup(cert.Close)
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "hello %v", r.TLS != nil) })
	web1, turn1 := Split(plain)
	web2, turn2 := Split(tls.NewListener(secure, &tls.Config{Certificates: cert.TLS.Certificates, NextProtos: []string{"http/1.1", "stun.turn"}}))
	for _, l := range []net.Listener{web1, web2} {
		server := &http.Server{Handler: hello}
		go func() { _ = server.Serve(l) }()
		t.Cleanup(func() { _ = server.Close() })
	}
	opt := Options{
		Secret: []byte("secret"), Realm: "example.org", Listeners: []net.Listener{turn1, turn2}, PacketConns: []net.PacketConn{udp},
		Clock: func() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now },
		Live:  func(session, _ string) bool { f.mu.Lock(); defer f.mu.Unlock(); return !f.dead[session] },
	}
	for _, c := range change {
		c(&opt)
	}
	if f.Server, err = Open(opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *fixture) over(session string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead[session] = true
}

// dial opens a client over udp, tcp or tls.
func (f *fixture) dial(transport, username, password string) *turn.Client {
	f.t.Helper()
	var conn net.PacketConn
	at := f.udp
	switch transport {
	case "udp":
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			f.t.Fatal(err)
		}
		conn = c
	case "tcp":
		c, err := net.Dial("tcp", f.port)
		if err != nil {
			f.t.Fatal(err)
		}
		conn, at = turn.NewSTUNConn(c), f.port
	case "tls":
		c, err := tls.Dial("tcp", f.tls, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			f.t.Fatal(err)
		}
		conn, at = turn.NewSTUNConn(c), f.tls
	}
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: at, TURNServerAddr: at, Conn: conn, Username: username, Password: password, Realm: "example.org",
		RTO: 100 * time.Millisecond, LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	if err := client.Listen(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		client.Close()
		_ = conn.Close()
	})
	return client
}

// allocate opens an allocation for a participant, who has new credentials.
func (f *fixture) allocate(transport, session, participant string) net.PacketConn {
	f.t.Helper()
	username, password, _ := f.Credentials(session, participant)
	relayed, err := f.dial(transport, username, password).Allocate()
	if err != nil {
		f.t.Fatalf("allocate over %s: %v", transport, err)
	}
	return relayed
}

// say sends until the other hears it: permissions take a moment.
func say(t *testing.T, from, to net.PacketConn, text string) {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		b := make([]byte, 1600)
		for {
			n, _, err := to.ReadFrom(b)
			if err != nil {
				return
			}
			if string(b[:n]) == text {
				got <- text
				return
			}
		}
	}()
	for range 50 {
		if _, err := from.WriteTo([]byte(text), to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-got:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatalf("%q did not arrive", text)
}

// permit lets packets come from another allocation.
func permit(t *testing.T, mine, other net.PacketConn) {
	t.Helper()
	if _, err := mine.WriteTo([]byte("permit"), other.LocalAddr()); err != nil {
		t.Fatal(err)
	}
}
