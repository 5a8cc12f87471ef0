package relay

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

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
