package scan_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"deskside/internal/nettest"
	"deskside/internal/scan"
)

// A scanner is what both kinds are.
type scanner interface {
	Scan(ctx context.Context, r io.Reader) (scan.Verdict, error)
}

func newClamd(t *testing.T, address string) scanner {
	t.Helper()
	c, err := scan.NewClamd(address, new(net.Dialer))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var clean = scan.Verdict{Clean: true}

func TestClamd(t *testing.T) {
	server := startClamd(t)
	for name, address := range map[string]string{"tcp": "tcp://" + server.tcp, "unix": "unix:" + server.unix} {
		t.Run(name, func(t *testing.T) { testFound(t, newClamd(t, address)) })
	}
	c := newClamd(t, "tcp://"+server.tcp)
	for name, size := range map[string]int{"more than it looks at": largest + 1, "more than it takes": longest + 1, "much more": 5 * longest} {
		if got, err := c.Scan(t.Context(), strings.NewReader(harmless(size))); !errors.Is(err, scan.ErrTooLarge) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	testFaults(t, c)
}

// testFound shows a scanner what it must and must not find.
func testFound(t *testing.T, s scanner) {
	for name, test := range map[string]struct {
		content string
		want    scan.Verdict
	}{
		"nothing":            {"", clean},
		"one byte":           {"x", clean},
		"text":               {"hello", clean},
		"one chunk":          {harmless(64 << 10), clean},
		"a MiB and a bit":    {harmless(1<<20 + 1), clean},
		"a threat":           {"x" + threat + "x", scan.Verdict{Threat: threatName}},
		"a threat at an end": {harmless(1<<20) + threat, scan.Verdict{Threat: threatName}},
		"a known file":       {threatFile, scan.Verdict{Threat: threatFileName}},
	} {
		// Byte by byte at the beginning, as a slow store gives it.
		content := io.MultiReader(iotest.OneByteReader(io.LimitReader(strings.NewReader(test.content), 100)), strings.NewReader(test.content[min(100, len(test.content)):]))
		got, err := s.Scan(t.Context(), content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, withoutRevision(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// withoutRevision drops what clamd adds to names from databases that are not
// ClamAV's.
func withoutRevision(v scan.Verdict) scan.Verdict {
	v.Threat = strings.TrimSuffix(v.Threat, ".UNOFFICIAL")
	return v
}

// testFaults breaks what the scanner gets; nothing of it is clean.
func testFaults(t *testing.T, s scanner) {
	for name, broken := range map[string]error{"a broken disk": errors.New("the disk broke"), "a broken line": io.ErrUnexpectedEOF} {
		got, err := s.Scan(t.Context(), io.MultiReader(strings.NewReader(harmless(100_000)), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || got != (scan.Verdict{}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	got, err := s.Scan(ended, io.MultiReader(strings.NewReader(harmless(100_000)), readerFunc(func(b []byte) (int, error) {
		end()
		return copy(b, "more"), nil
	})))
	if !errors.Is(err, context.Canceled) || got != (scan.Verdict{}) {
		t.Errorf("a context that ends: %v, %v", got, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// TestClamdIsDown asks where nobody listens.
func TestClamdIsDown(t *testing.T) {
	for _, address := range []string{"tcp://" + nettest.FreeAddr(t), "unix:" + filepath.Join(t.TempDir(), "socket")} {
		if got, err := newClamd(t, address).Scan(t.Context(), strings.NewReader("x")); err == nil || got != (scan.Verdict{}) {
			t.Errorf("%v, %v", got, err)
		}
	}
}

// TestClamdMisunderstood lets somebody else answer.
func TestClamdMisunderstood(t *testing.T) {
	for _, answer := range []string{
		"", "\x00", "OK\x00", "stream: OK", "stream: OKAY\x00", "x stream: OK\x00", "stream: x OK\x00", "UNKNOWN COMMAND\x00",
		"stream: Can't allocate memory ERROR\x00", "COMMAND READ TIMED OUT\x00", strings.Repeat("x", 10_000),
	} {
		c, err := scan.NewClamd("tcp://x:1", pipes(func(conn net.Conn) {
			go io.Copy(io.Discard, conn) // until it is closed
			io.WriteString(conn, answer)
			conn.Close()
		}))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Scan(t.Context(), strings.NewReader("x")); err == nil || got != (scan.Verdict{}) {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
	}
}

// TestSilence waits for scanners that say nothing, or take nothing.
func TestSilence(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"says nothing":  func(conn net.Conn) { io.Copy(io.Discard, conn) },
		"takes nothing": func(net.Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := scan.NewClamd("tcp://x:1", pipes(serve))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := c.Scan(t.Context(), strings.NewReader(harmless(1<<20))); err == nil || got != (scan.Verdict{}) {
					t.Errorf("%v, %v", got, err)
				}
			})
		})
	}
}

// pipes is a dialer to a server that is a function.
type pipes func(net.Conn)

func (serve pipes) DialContext(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	go serve(there)
	return here, nil
}

func TestClamdAddress(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:3310", "tcp://", "unix:", "http://x", "/run/clamd"} {
		if _, err := scan.NewClamd(address, new(net.Dialer)); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}
