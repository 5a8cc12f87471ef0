package relay

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
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

func TestEveryTransport(t *testing.T) {
	f := start(t)
	transports := []string{"udp", "tcp", "tls"}
	for _, one := range transports {
		for _, other := range transports {
			t.Run(one+" to "+other, func(t *testing.T) {
				a, b := f.allocate(one, "s"+one+other, "ada"), f.allocate(other, "s"+one+other, "guest")
				if addr := netip.MustParseAddrPort(a.LocalAddr().String()); !own.Contains(addr.Addr()) {
					t.Errorf("relayed at %s", addr)
				}
				permit(t, b, a)
				say(t, a, b, "hello")
				say(t, b, a, "hello yourself")
			})
		}
	}
	for _, address := range []string{"http://" + f.port, "https://" + f.tls} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		answer, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if want := fmt.Sprintf("hello %v", strings.HasPrefix(address, "https")); string(body) != want {
			t.Errorf("%s says %q, want %q", address, body, want)
		}
	}
	if s := f.Stats(); s.Bytes == 0 || s.Allocations == 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestOnlyWithinASession tries to reach allocations of others.
func TestOnlyWithinASession(t *testing.T) {
	f := start(t)
	ada, guest := f.allocate("udp", "one", "ada"), f.allocate("udp", "one", "guest")
	eve, adaToo := f.allocate("udp", "two", "eve"), f.allocate("udp", "one", "ada")
	for _, other := range []net.PacketConn{eve, adaToo} {
		permit(t, ada, other)
		permit(t, other, ada)
	}
	permit(t, ada, guest)
	dropped := f.Stats().Dropped
	heard := make(chan string, 64)
	go func() {
		b := make([]byte, 1600)
		for {
			n, from, err := ada.ReadFrom(b)
			if err != nil {
				return
			}
			heard <- from.String() + " " + string(b[:n])
		}
	}()
	for range 3 {
		for _, other := range []net.PacketConn{eve, adaToo} {
			if _, err := other.WriteTo([]byte("forbidden"), ada.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for {
		if _, err := guest.WriteTo([]byte("allowed"), ada.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		select {
		case text := <-heard:
			if strings.Contains(text, "forbidden") || strings.HasPrefix(text, eve.LocalAddr().String()) {
				t.Fatalf("heard %q", text)
			}
			if strings.Contains(text, "allowed") {
				if f.Stats().Dropped-dropped < 6 {
					t.Errorf("%d packets were dropped, want 6", f.Stats().Dropped-dropped)
				}
				return
			}
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestCredentials(t *testing.T) {
	f := start(t)
	username, password, expires := f.Credentials("one", "ada")
	if d := expires.Sub(f.now); d != openFor {
		t.Errorf("they last %v", d)
	}
	try := func(username, password string) error {
		_, err := f.dial("tcp", username, password).Allocate()
		return err
	}
	if err := try(username, password); err != nil {
		t.Fatalf("good ones: %v", err)
	}
	if err := try(username, "guess"); err == nil {
		t.Error("a guessed password opened an allocation")
	}
	if err := try(strings.Replace(username, ":ada:", ":eve:", 1), password); err == nil {
		t.Error("another's name opened an allocation")
	}
	if err := try("9999999999:one", password); err == nil {
		t.Error("a name of another form opened an allocation")
	}
	f.over("two")
	if err := try(first(f.Credentials("two", "ada"))); err == nil {
		t.Error("credentials of a session that is over opened an allocation")
	}
	f.advance(openFor)
	if err := try(username, password); err == nil {
		t.Error("expired credentials opened an allocation")
	}
}

func first(username, password string, _ time.Time) (string, string) { return username, password }

// TestRefresh keeps an allocation beyond its credentials, and not beyond its
// session.
func TestRefresh(t *testing.T) {
	f := start(t)
	guest := f.allocate("udp", "one", "guest")
	username, password, _ := f.Credentials("one", "ada")
	c := newRaw(t, f, username, password)
	if class, _ := c.request(stun.MethodAllocate, requestedUDP); class != stun.ClassSuccessResponse {
		t.Fatal("no allocation")
	}
	f.advance(openFor)
	if class, _ := c.request(stun.MethodRefresh, attribute{stun.AttrLifetime, []byte{0, 0, 2, 88}}); class != stun.ClassSuccessResponse {
		t.Error("the allocation was not prolonged")
	}
	if class, _ := c.request(stun.MethodCreatePermission, peer(&net.UDPAddr{IP: guest.LocalAddr().(*net.UDPAddr).IP.To4(), Port: 9})); class != stun.ClassSuccessResponse {
		t.Error("no permission after the credentials expired")
	}
	f.over("one")
	if class, _ := c.request(stun.MethodRefresh, attribute{stun.AttrLifetime, []byte{0, 0, 2, 88}}); class == stun.ClassSuccessResponse {
		t.Error("prolonged after the session was over")
	}
	f.End("one")
	if n := f.Stats().Allocations; n != 0 {
		t.Errorf("%d allocations after the end", n)
	}
	if all := f.Sessions(); len(all) != 0 {
		t.Errorf("sessions %v after the end", all)
	}
}

func TestQuota(t *testing.T) {
	f := start(t)
	username, password, _ := f.Credentials("one", "ada")
	for i := range MaxByCredentials {
		if _, err := f.dial("udp", username, password).Allocate(); err != nil {
			t.Fatalf("allocation %d: %v", i+1, err)
		}
	}
	if _, err := f.dial("udp", username, password).Allocate(); err == nil || !strings.Contains(err.Error(), "486") {
		t.Errorf("one more: %v, want 486", err)
	}
	f.allocate("udp", "one", "ada") // other credentials, as another connection has
	f.allocate("udp", "one", "guest")
}

// forms are all that an address can look like that is none of ours.
var forms = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.0.170",
	"192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1", "198.51.100.1", "224.0.0.1", "239.255.255.250",
	"240.0.0.1", "255.255.255.255", "8.8.8.8", "203.0.112.255", "203.0.114.0",
	"::", "::1", "::ffff:127.0.0.1", "::ffff:203.0.113.7", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::7f00:1", "2001:2::1", "2001:db8::1",
	"2001:10::1", "2001:20::1", "2002:7f00:1::1", "2002:cb00:7107::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fe80::1", "fe80::5efe:7f00:1", "fec0::1", "ff02::1", "2001:4860:4860::8888",
}

// TestSpecialAddresses asks for permission to hear from every special form,
// and to send there.
func TestSpecialAddresses(t *testing.T) {
	f := start(t)
	c := newRaw(t, f, "", "")
	if class, _ := c.request(stun.MethodAllocate, requestedUDP); class != stun.ClassSuccessResponse {
		t.Fatal("no allocation")
	}
	for _, form := range forms {
		addr := netip.MustParseAddr(form)
		if permitted(nil, addr.AsSlice()) {
			t.Errorf("%s is permitted", form)
		}
		at := &net.UDPAddr{IP: addr.AsSlice(), Port: 53}
		if class, code := c.request(stun.MethodCreatePermission, peer(at)); class == stun.ClassSuccessResponse || code != stun.CodeForbidden && code != stun.CodePeerAddrFamilyMismatch && code != stun.CodeBadRequest {
			t.Errorf("permission for %s: %v %v", form, class, code)
		}
		if class, _ := c.request(stun.MethodChannelBind, attribute{stun.AttrChannelNumber, []byte{0x40, 0, 0, 0}}, peer(at)); class == stun.ClassSuccessResponse {
			t.Errorf("a channel to %s", form)
		}
	}
	if class, _ := c.request(stun.MethodCreatePermission, peer(&net.UDPAddr{IP: net.IP{203, 0, 113, 7}, Port: 53})); class != stun.ClassSuccessResponse {
		t.Error("an address of our own is not permitted: the test above proves nothing")
	}
}

// TestMalformed sends what no client would, over both kinds of transport, and
// then uses the relay as ever.
func TestMalformed(t *testing.T) {
	f := start(t)
	a, b := f.allocate("udp", "one", "ada"), f.allocate("tcp", "one", "guest")
	permit(t, a, b)
	say(t, b, a, "before")
	udp, err := net.Dial("udp", f.udp)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	before := runtime.NumGoroutine()
	valid := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassRequest), requestedUDP, stun.NewUsername("1:2:3:4")).Raw
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		packet := bytes.Clone(valid)
		switch i % 4 {
		case 0:
			packet = make([]byte, random.IntN(1700))
			fill(random, packet)
		case 1:
			packet = packet[:random.IntN(len(packet))]
		case 2:
			for range 1 + random.IntN(8) {
				packet[random.IntN(len(packet))] = byte(random.Uint32())
			}
		case 3:
			packet = append(packet, make([]byte, random.IntN(64))...)
			packet[0], packet[1] = byte(random.IntN(0x80)), byte(random.Uint32())
		}
		_, _ = udp.Write(packet) // it may be too long for the interface
		if i%20 == 0 {
			tcp, err := net.Dial("tcp", f.port)
			if err != nil {
				t.Fatal(err)
			}
			if len(packet) > 0 {
				packet[0] &= 0x03 // TURN's half
			}
			_, _ = tcp.Write(packet)
			_ = tcp.Close()
		}
	}
	say(t, b, a, "after")
	for i := 0; runtime.NumGoroutine() > before+20; i++ {
		if i == 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func fill(r *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1700000000:session:participant:ABCDEFGH")
	f.Add(":::")
	f.Fuzz(func(t *testing.T, username string) {
		o, _, ok := parse(username)
		if !ok {
			return
		}
		if back, ok := ownerOf(o.id()); !ok || back != o {
			t.Fatalf("%q became %+v", username, back)
		}
	})
}

// TestRate sends more than is allowed.
func TestRate(t *testing.T) {
	f := start(t, func(o *Options) { o.Rate = 100_000 })
	a, b := f.allocate("udp", "one", "ada"), f.allocate("udp", "one", "guest")
	permit(t, b, a)
	say(t, a, b, "hello")
	var got atomic.Int64
	go func() {
		buffer := make([]byte, 1600)
		for {
			n, _, err := b.ReadFrom(buffer)
			if err != nil {
				return
			}
			got.Add(int64(n))
		}
	}()
	sent, began := int64(0), time.Now()
	allowed := func() int64 { return burst + int64(100_000*(time.Since(began)+time.Second).Seconds()) }
	for sent < 2*allowed() {
		n, _ := a.WriteTo(make([]byte, 1000), b.LocalAddr())
		sent += int64(n)
		time.Sleep(200 * time.Microsecond)
		if time.Since(began) > time.Minute {
			t.Fatal("this machine can't send more than is allowed")
		}
	}
	if most := allowed(); got.Load() > most {
		t.Errorf("%d of %d bytes came through; %d are allowed", got.Load(), sent, most)
	}
	if f.Stats().Dropped == 0 {
		t.Error("nothing is counted as dropped")
	}
}

// TestSilentConnections cuts who connects and allocates nothing.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	f := start(t)
	conn, err := net.Dial("tcp", f.port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	hello := stun.MustBuild(stun.TransactionID, stun.BindingRequest).Raw
	if _, err := conn.Write(hello); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(idle + 5*time.Second))
	b := make([]byte, 1600)
	if n, err := conn.Read(b); err != nil || !stun.IsMessage(b[:n]) {
		t.Fatalf("no answer to a binding request: %v", err)
	}
	began := time.Now()
	if _, err := conn.Read(b); !errors.Is(err, io.EOF) {
		t.Errorf("who allocates nothing stays: %v", err)
	}
	if took := time.Since(began); took < idle-2*time.Second {
		t.Errorf("cut after %v", took)
	}
}

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

// TestDeafClient allocates over TCP and does not read: it is cut, and nobody
// waits for it.
func TestDeafClient(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *Options) { o.Rate = 100_000_000 })
	conn, err := net.Dial("tcp", f.port)
	if err != nil {
		t.Fatal(err)
	}
	deaf := &deafConn{Conn: conn, deaf: make(chan struct{})}
	username, password, _ := f.Credentials("one", "deaf")
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: f.port, TURNServerAddr: f.port, Conn: turn.NewSTUNConn(deaf), Username: username, Password: password, Realm: "example.org",
		LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Listen(); err != nil {
		t.Fatal(err)
	}
	relayed, err := client.Allocate()
	if err != nil {
		t.Fatal(err)
	}
	ada, guest := f.allocate("udp", "one", "ada"), f.allocate("udp", "one", "guest")
	permit(t, relayed, ada)
	permit(t, guest, ada)
	time.Sleep(100 * time.Millisecond) // until both permissions are there
	close(deaf.deaf)
	before := f.Stats().Allocations
	for began := time.Now(); f.Stats().Allocations == before; {
		if time.Since(began) > 40*time.Second {
			t.Fatal("who does not read is not cut")
		}
		for range 20 {
			_, _ = ada.WriteTo(make([]byte, 1200), relayed.LocalAddr())
		}
		time.Sleep(time.Millisecond)
	}
	say(t, ada, guest, "still here")
}

// A deafConn reads no more once it is deaf.
type deafConn struct {
	net.Conn
	deaf chan struct{}
}

func (c *deafConn) Read(b []byte) (int, error) {
	select {
	case <-c.deaf:
		select {} // for ever
	default:
		return c.Conn.Read(b)
	}
}
