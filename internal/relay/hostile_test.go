package relay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

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

// TestForgedNames makes up user names: they cost no look at a session.
func TestForgedNames(t *testing.T) {
	var looks atomic.Int64
	f := start(t, func(o *Options) {
		live := o.Live
		o.Live = func(session, participant string) bool { looks.Add(1); return live(session, participant) }
	})
	genuine, _, expires := f.Credentials("one", "ada")
	for _, name := range []string{
		"", "x", strings.Replace(genuine, ":one:", ":two:", 1), strings.Replace(genuine, "1", "2", 1), genuine[:len(genuine)-1], genuine + "A",
		fmt.Sprintf("%d:one:ada:ABCDEFGH", expires.Unix()), fmt.Sprintf("%d:one:ada:ABCDEFGHABCDEFGHABCDEFGH", expires.Unix()),
	} {
		c := newRaw(t, f, genuine, "")
		c.username = name
		if class, _ := c.request(stun.MethodAllocate, requestedUDP); class == stun.ClassSuccessResponse {
			t.Errorf("%q opened an allocation", name)
		}
	}
	if n := looks.Load(); n > 0 {
		t.Errorf("forged names had us look %d times", n)
	}
	c := newRaw(t, f, genuine, "a guess")
	_, _ = c.request(stun.MethodAllocate, requestedUDP)
	if looks.Load() != 1 {
		t.Error("a genuine name had us not look: the test above proves nothing")
	}
}
