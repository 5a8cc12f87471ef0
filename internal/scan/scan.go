// Package scan asks a malware scanner about the content of a file: ClamAV's
// clamd, or any that speaks ICAP (RFC 3507).
//
// It guarantees:
//   - Clean is only said where the scanner said it. A scanner that is down,
//     slow, overloaded, misunderstood, or that did not look at all of the
//     content, is an error: the caller holds the file back.
//   - Content is streamed; at most some hundred KB of it are in memory.
//   - No call lasts longer than its context, and no scanner may be silent for
//     longer than Silence.
package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
	"unicode"
)

// ErrTooLarge says that the content is larger than the scanner looks at.
// errors.Is finds it; asking again does not help.
var ErrTooLarge = errors.New("scan: larger than the scanner takes")

// A Verdict is what a scanner found.
type Verdict struct {
	Clean bool
	// Threat is what the scanner calls what it found, for people to read; ""
	// where the content is clean. At most 100 printable characters.
	Threat string
}

// Silence bounds how long a scanner may neither take nor say anything, and so
// how long it may think about a file that it has.
const Silence = 2 * time.Minute

// A Dialer opens connections; net.Dialer is one. What it may reach is its
// matter.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// connect opens a connection that ends with ctx, and on which no read and no
// write lasts longer than Silence.
func connect(ctx context.Context, dialer Dialer, network, address string) (*patient, error) {
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("scan: connect: %w", err)
	}
	p := &patient{Conn: conn}
	p.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // Close reports it
	return p, nil
}

// A patient connection waits for Silence at most, each time.
type patient struct {
	net.Conn
	stop func() bool
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(Silence)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(Silence)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}

func (p *patient) Close() error {
	p.stop()
	return p.Conn.Close()
}

// threat returns a verdict with a name that may be shown.
func threat(name string) Verdict {
	const longest = 100
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(name))
	if runes := []rune(name); len(runes) > longest {
		name = string(runes[:longest])
	}
	if name == "" {
		name = "unknown"
	}
	return Verdict{Threat: name}
}

// A readError is a fault of the content's reader, not of the scanner.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// fill reads until b is full or the content ends, and then n is less. Only
// io.EOF itself is an end: io.ReadFull would take a line that broke,
// io.ErrUnexpectedEOF, for one, and half of a file for clean.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var got int
		got, err = r.Read(b[n:])
		n += got
	}
	if err == nil || err == io.EOF {
		return n, nil
	}
	return n, readError{fmt.Errorf("read the content: %w", err)}
}
