package access_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"deskside"
	"deskside/internal/access"
)

// fail signs in with a wrong password, n times.
func fail(t *testing.T, a *access.Access, email string, from netip.Addr, n int) {
	t.Helper()
	for range n {
		_, err := signIn(a, email, battery, from)
		expect(t, fmt.Sprintf("a wrong password for %s from %s", email, from), err, deskside.CodeWrongPassword)
	}
}

// refused checks that even the right password is refused for now.
func refused(t *testing.T, what string, a *access.Access, email string, from netip.Addr) {
	t.Helper()
	_, err := signIn(a, email, horse, from)
	expect(t, what, err, deskside.CodeTooMany)
	if e := (*deskside.Error)(nil); errors.As(err, &e) && e.RetryAfter <= 0 {
		t.Errorf("%s: does not say when to try again", what)
	}
}

func accepted(t *testing.T, what string, a *access.Access, email string, from netip.Addr) {
	t.Helper()
	_, err := signIn(a, email, horse, from)
	expect(t, what, err, "")
}

func TestWrongPasswordsForOneAccountFromOneAddress(t *testing.T) {
	a, c, _ := open(t)
	add(t, a, "ada@example.org")
	add(t, a, "grace@example.org")
	fail(t, a, "ada@example.org", home, 9)
	accepted(t, "after 9", a, "ada@example.org", home)
	fail(t, a, " Ada@Example.org", home, 1)
	refused(t, "after 10", a, "ada@example.org", home)
	accepted(t, "another account from there", a, "grace@example.org", home)
	accepted(t, "from another address", a, "ada@example.org", netip.MustParseAddr("192.0.2.8"))

	for range 50 { // refused tries don't count: nobody can keep an account locked
		refused(t, "while locked", a, "ada@example.org", home)
	}
	c.advance(15*time.Minute + time.Second)
	accepted(t, "a quarter of an hour later", a, "ada@example.org", home)
}

func TestUnknownAccountsHaveTheSameLimits(t *testing.T) {
	a, _, _ := open(t)
	fail(t, a, "bob@example.org", home, 10)
	refused(t, "after 10", a, "bob@example.org", home)
}

func TestWrongPasswordsFromOneAddress(t *testing.T) {
	for name, c := range map[string]struct{ one, same, other string }{
		"IPv4":                {"192.0.2.7", "192.0.2.7", "192.0.2.8"},
		"IPv4 within IPv6":    {"::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"},
		"an IPv6 /64 is one":  {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"},
		"with an IPv6 zone":   {"fe80::1%eth0", "fe80::2%eth1", "192.0.2.7"},
		"no address is known": {"", "", "192.0.2.7"},
	} {
		t.Run(name, func(t *testing.T) {
			parse := func(text string) netip.Addr { a, _ := netip.ParseAddr(text); return a }
			a, clock, _ := open(t)
			add(t, a, "ada@example.org")
			for i := range 30 {
				fail(t, a, fmt.Sprintf("guess%d@example.org", i), parse(c.one), 1)
			}
			refused(t, "after 30", a, "ada@example.org", parse(c.same))
			accepted(t, "from elsewhere", a, "ada@example.org", parse(c.other))
			clock.advance(15*time.Minute + time.Second)
			accepted(t, "a quarter of an hour later", a, "ada@example.org", parse(c.same))
		})
	}
}

func TestWrongPasswordsForOneAccountFromManyAddresses(t *testing.T) {
	a, c, _ := open(t)
	add(t, a, "ada@example.org")
	add(t, a, "grace@example.org")
	for i := range 100 {
		fail(t, a, "ada@example.org", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 1)
	}
	refused(t, "after 100", a, "ada@example.org", home)
	accepted(t, "another account", a, "grace@example.org", home)
	c.advance(time.Hour + time.Second)
	accepted(t, "an hour later", a, "ada@example.org", home)
}

// TestManyTriesAtOnceGetNoMoreThanTheLimit would fail if the limits were
// looked at before waiting for the hash.
func TestManyTriesAtOnceGetNoMoreThanTheLimit(t *testing.T) {
	a, _, _ := open(t)
	add(t, a, "ada@example.org")
	const tries = 60
	codes := make(chan deskside.Code, tries)
	for range tries {
		go func() {
			_, err := signIn(a, "ada@example.org", battery, home)
			codes <- deskside.CodeOf(err)
		}()
	}
	got := make(map[deskside.Code]int)
	for range tries {
		got[<-codes]++
	}
	if n := got[deskside.CodeWrongPassword]; n < 10 || n > 11 {
		t.Errorf("%d passwords were checked, want 10, or 11 as two are checked at once", n)
	}
	if got[deskside.CodeWrongPassword]+got[deskside.CodeTooMany] != tries {
		t.Errorf("answers %v", got)
	}
}
