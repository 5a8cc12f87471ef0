package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// ErrUnseen says that the scanner judged without asking for all of the
// content, such as by its type or length; errors.Is finds it. The scanner's
// settings must let it look at every file.
var ErrUnseen = errors.New("scan: the scanner did not look at all of the content")

// ICAP asks a server that speaks ICAP/1.0 (RFC 3507), as c-icap and most
// commercial scanners do: the content is the body of a response that the
// server may modify (RESPMOD). Unmodified is clean; so is an answer whose
// body is what was sent.
//
// A server that stops looking at some length and lets the rest through tells
// nobody: its limit (MaxObjectSize of c-icap's virus_scan) must not be below
// that of files.
type ICAP struct {
	dialer  Dialer
	service *url.URL
	address string
}

// maxPreview is the most that is sent before the server has asked for the
// rest, whatever it would like.
const maxPreview = 64 << 10

// NewICAP returns an ICAP at the service's URL, icap://host:port/service; the
// port is 1344 where none is given. It does not connect yet.
func NewICAP(service string, dialer Dialer) (*ICAP, error) {
	u, err := url.Parse(service)
	if err != nil || u.Scheme != "icap" || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("scan: the address of the scanner is not icap://host:port/service")
	}
	port := u.Port()
	if port == "" {
		port = "1344"
	}
	return &ICAP{dialer, u, net.JoinHostPort(u.Hostname(), port)}, nil
}

// Scan asks about what r gives. ErrUnseen where the server did not ask for
// all of it; every other error is one of ctx, r or the server.
func (c *ICAP) Scan(ctx context.Context, r io.Reader) (v Verdict, err error) {
	preview, err := c.options(ctx)
	if err == nil {
		v, err = c.modify(ctx, r, preview)
	}
	if ctx.Err() != nil {
		return Verdict{}, ctx.Err()
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("scan: ICAP: %w", err)
	}
	return v, nil
}

// options asks how many bytes the server wants first (RFC 3507, 4.10); -1
// where it wants all at once.
func (c *ICAP) options(ctx context.Context) (preview int, err error) {
	conn, err := connect(ctx, c.dialer, "tcp", c.address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, c.request("OPTIONS", "Connection: close", "Encapsulated: null-body=0")); err != nil {
		return 0, err
	}
	head, err := newAnswers(conn).next()
	switch {
	case err != nil:
		return 0, err
	case head.status != 200:
		return 0, fmt.Errorf("status %d to OPTIONS", head.status)
	case !strings.Contains(strings.ToUpper(strings.Join(head.header["Methods"], ",")), "RESPMOD"):
		return 0, errors.New("the service has no RESPMOD")
	}
	preview, err = strconv.Atoi(head.header.Get("Preview"))
	if err != nil || preview < 0 {
		return -1, nil
	}
	return min(preview, maxPreview), nil
}

// request returns the head of a request with the further header lines.
func (c *ICAP) request(method string, lines ...string) string {
	return fmt.Sprintf("%s %s ICAP/1.0\r\nHost: %s\r\n%s\r\n\r\n", method, c.service, c.service.Host, strings.Join(lines, "\r\n"))
}

// What the content is wrapped in: a request that nobody made, and its answer.
// They say nothing of the file.
const (
	wrapRequest  = "GET http://deskside.invalid/file HTTP/1.1\r\nHost: deskside.invalid\r\n\r\n"
	wrapResponse = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"
)

// modify sends the content and returns what the server thinks of it.
func (c *ICAP) modify(ctx context.Context, r io.Reader, preview int) (Verdict, error) {
	conn, err := connect(ctx, c.dialer, "tcp", c.address)
	if err != nil {
		return Verdict{}, err
	}
	defer conn.Close()
	lines := []string{"Allow: 204", "Connection: close"}
	if preview >= 0 {
		lines = append(lines, fmt.Sprintf("Preview: %d", preview))
	}
	lines = append(lines, fmt.Sprintf("Encapsulated: req-hdr=0, res-hdr=%d, res-body=%d", len(wrapRequest), len(wrapRequest)+len(wrapResponse)))
	if _, err := io.WriteString(conn, c.request("RESPMOD", lines...)+wrapRequest+wrapResponse); err != nil {
		return Verdict{}, err
	}
	answers, content := newAnswers(conn), newChunks(conn, r)
	if preview >= 0 {
		head, err := askPreview(answers, content, preview)
		if err != nil || head.status != 100 {
			return finish(answers, head, content, err)
		}
	}
	return exchange(conn, answers, content)
}

// askPreview sends the first bytes, and returns what the server says to them:
// 100, it wants the rest. Where they are all, that is no answer.
func askPreview(answers *answers, content *chunks, preview int) (head, error) {
	if err := content.sendPreview(preview); err != nil {
		return head{}, err
	}
	h, err := answers.next()
	if err == nil && h.status == 100 && content.complete() {
		err = errors.New("the server wants more than there is")
	}
	return h, err
}

// exchange sends the rest of the content while it waits for the answer: a
// server may judge early, or send back what it gets as it comes.
func exchange(conn io.Closer, answers *answers, content *chunks) (Verdict, error) {
	sent := make(chan error, 1)
	go func() {
		err := content.sendRest()
		if fault := (readError{}); errors.As(err, &fault) {
			conn.Close() // no answer will come to half of it
		}
		sent <- err
	}()
	head, err := answers.next()
	v, err := finish(answers, head, content, err)
	conn.Close() // who still sends, sends in vain
	if fault := (readError{}); errors.As(<-sent, &fault) {
		return Verdict{}, fault
	}
	return v, err
}

// finish reads the rest of the last answer, and judges by it.
func finish(answers *answers, h head, content *chunks, err error) (Verdict, error) {
	if err != nil {
		return Verdict{}, err
	}
	if name, found := h.threat(); found {
		return threat(name), nil
	}
	if h.status == 204 {
		return content.unmodified()
	}
	if h.status != 200 {
		return Verdict{}, fmt.Errorf("status %d", h.status)
	}
	instead, err := answers.encapsulated(h)
	if err != nil {
		return Verdict{}, err
	}
	if instead.status != 200 {
		return threat("refused by the scanner"), nil
	}
	same, err := content.compare(instead.body)
	if err != nil {
		return Verdict{}, err
	}
	if !same {
		return threat("replaced by the scanner"), nil
	}
	return content.unmodified()
}

// threat returns what the server calls what it found, by the headers that
// such servers have (draft-stecher-icap-subid, and older).
func (h head) threat() (name string, found bool) {
	for _, key := range []string{"X-Infection-Found", "X-Violations-Found", "X-Virus-Id"} {
		value := h.header.Get(key)
		if value == "" || key == "X-Violations-Found" && strings.HasPrefix(value, "0") {
			continue
		}
		if _, after, ok := strings.Cut(value, "Threat="); ok {
			value, _, _ = strings.Cut(after, ";")
		}
		return value, true
	}
	return "", false
}

// A head is the status and the header of an ICAP answer.
type head struct {
	status int
	header textproto.MIMEHeader
}

var errAnswer = errors.New("the server's answer is not ICAP")

// parseStatus reads "PROTOCOL/1.x 200 …".
func parseStatus(line, protocol string) (status int, err error) {
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err = strconv.Atoi(code)
	if err != nil || !strings.HasPrefix(version, protocol) || status < 100 || status > 999 {
		return 0, errAnswer
	}
	return status, nil
}

// contains says whether an Encapsulated header names a part (RFC 3507, 4.4.1).
func contains(encapsulated, part string) bool {
	for one := range strings.SplitSeq(encapsulated, ",") {
		if name, _, _ := strings.Cut(strings.TrimSpace(one), "="); name == part {
			return true
		}
	}
	return false
}
