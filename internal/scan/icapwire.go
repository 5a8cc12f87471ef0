package scan

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http/httputil"
	"net/textproto"
	"sync/atomic"
)

// chunks sends content in the chunks of HTTP (RFC 9112, 7.1), and remembers
// its hash.
type chunks struct {
	w    io.Writer
	r    io.Reader
	hash hash.Hash // of what was sent
	size atomic.Int64
	all  atomic.Bool // set before the end is sent
}

func newChunks(w io.Writer, r io.Reader) *chunks {
	return &chunks{w: w, r: r, hash: sha256.New()}
}

// complete says whether the server was sent the end of the content.
func (c *chunks) complete() bool { return c.all.Load() }

// unmodified is the verdict of a server that lets pass what it got: clean, if
// it had all.
func (c *chunks) unmodified() (Verdict, error) {
	if !c.complete() {
		return Verdict{}, ErrUnseen
	}
	return Verdict{Clean: true}, nil
}

// sendPreview sends the first bytes, and whether they are all: "ieof" (RFC
// 3507, 4.5).
func (c *chunks) sendPreview(size int) error {
	first := make([]byte, size+1) // one more tells
	n, err := fill(c.r, first)
	if err != nil {
		return err
	}
	if err := c.send(first[:min(n, size)]); err != nil {
		return err
	}
	if n <= size {
		return c.end("0; ieof\r\n\r\n")
	}
	c.r = io.MultiReader(bytes.NewReader(first[size:]), c.r)
	_, err = io.WriteString(c.w, "0\r\n\r\n")
	return err
}

// sendRest sends what has not been sent.
func (c *chunks) sendRest() error {
	chunk := make([]byte, chunkSize)
	for {
		n, err := fill(c.r, chunk)
		if err != nil {
			return err
		}
		if err := c.send(chunk[:n]); err != nil {
			return err
		}
		if n < len(chunk) {
			return c.end("0\r\n\r\n")
		}
	}
}

func (c *chunks) send(b []byte) error {
	if len(b) == 0 {
		return nil // an empty chunk is the end
	}
	c.hash.Write(b)
	c.size.Add(int64(len(b)))
	framed := append(fmt.Appendf(make([]byte, 0, len(b)+16), "%x\r\n", len(b)), b...)
	_, err := c.w.Write(append(framed, "\r\n"...))
	return err
}

func (c *chunks) end(mark string) error {
	c.all.Store(true)
	_, err := io.WriteString(c.w, mark)
	return err
}

// compare says whether a body is what was sent, all of it.
func (c *chunks) compare(body io.Reader) (same bool, err error) {
	h := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, body, make([]byte, chunkSize))
	if err != nil {
		return false, err
	}
	// Before the end is sent the hash is the sender's.
	return c.complete() && n == c.size.Load() && bytes.Equal(h.Sum(nil), c.hash.Sum(nil)), nil
}

// answers reads what a server says on a connection.
type answers struct {
	limit *io.LimitedReader
	buf   *bufio.Reader
	text  *textproto.Reader
}

// maxAnswerHead bounds a head that a server sends, in bytes.
const maxAnswerHead = 64 << 10

func newAnswers(conn io.Reader) *answers {
	limit := &io.LimitedReader{R: conn}
	buf := bufio.NewReader(limit)
	return &answers{limit, buf, textproto.NewReader(buf)}
}

// next reads the next head.
func (a *answers) next() (h head, err error) {
	if h.status, err = a.status("ICAP/1."); err != nil {
		return h, err
	}
	h.header, err = a.text.ReadMIMEHeader()
	return h, noAnswer(err)
}

func (a *answers) status(protocol string) (int, error) {
	a.limit.N = maxAnswerHead
	line, err := a.text.ReadLine()
	if err != nil {
		return 0, noAnswer(err)
	}
	return parseStatus(line, protocol)
}

// noAnswer wraps an error without what the server said: that may be content.
func noAnswer(err error) error {
	if protocol := (textproto.ProtocolError)(""); errors.As(err, &protocol) {
		return errAnswer
	}
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	return nil
}

// A replacement is the response that the server gives instead.
type replacement struct {
	status int
	body   io.Reader
}

// encapsulated reads the response that is in an answer.
func (a *answers) encapsulated(h head) (r replacement, err error) {
	parts := h.header.Get("Encapsulated")
	if !contains(parts, "res-hdr") {
		return r, errAnswer
	}
	if r.status, err = a.status("HTTP/1."); err != nil {
		return r, err
	}
	if _, err = a.text.ReadMIMEHeader(); err != nil {
		return r, noAnswer(err)
	}
	r.body = bytes.NewReader(nil)
	if contains(parts, "res-body") {
		a.limit.N = 1 << 62 // compared, never kept
		r.body = httputil.NewChunkedReader(a.buf)
	}
	return r, nil
}
