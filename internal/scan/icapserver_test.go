package scan_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
)

// An icapServer is a strict one: what does not follow RFC 3507 fails the
// test.
type icapServer struct {
	t       *testing.T
	options string // what it answers to OPTIONS
	preview int    // what it expects before it is asked for the rest; -1 none
	first   string // what it answers to a preview that is not all
	answer  func(content string) string
}

func (s icapServer) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	text := textproto.NewReader(in)
	line, err := text.ReadLine()
	if err != nil {
		return // the test is over
	}
	header, err := text.ReadMIMEHeader()
	if err != nil {
		s.t.Errorf("header: %v", err)
	}
	if host := header.Get("Host"); host != "scanner:1344" {
		s.t.Errorf("host %q", host)
	}
	switch line {
	case "OPTIONS icap://scanner:1344/av ICAP/1.0":
		io.WriteString(conn, s.options)
	case "RESPMOD icap://scanner:1344/av ICAP/1.0":
		io.WriteString(conn, s.modify(conn, in, header))
	default:
		s.t.Errorf("request %q", line)
	}
}

// modify reads a RESPMOD and returns the answer.
func (s icapServer) modify(conn net.Conn, in *bufio.Reader, header textproto.MIMEHeader) string {
	var request, response int
	if _, err := fmt.Sscanf(header.Get("Encapsulated"), "req-hdr=0, res-hdr=%d, res-body=%d", &request, &response); err != nil {
		s.t.Errorf("encapsulated: %v", err)
	}
	heads := make([]byte, response)
	if _, err := io.ReadFull(in, heads); err != nil {
		s.t.Errorf("heads: %v", err)
	}
	for _, head := range []string{string(heads[:request]), string(heads[request:])} {
		if strings.Index(head, "\r\n\r\n") != len(head)-4 {
			s.t.Errorf("head %q", head)
		}
	}
	if header.Get("Allow") != "204" {
		s.t.Error("204 is not allowed")
	}
	want := ""
	if s.preview >= 0 {
		want = strconv.Itoa(s.preview)
	}
	if got := header.Get("Preview"); got != want {
		s.t.Errorf("preview %q, want %q", got, want)
	}
	content, whole := s.read(in)
	if s.preview >= 0 && !whole {
		if len(content) != s.preview {
			s.t.Errorf("a preview of %d bytes, want %d", len(content), s.preview)
		}
		if s.first != "" {
			return s.first
		}
		io.WriteString(conn, "ICAP/1.0 100 Continue\r\n\r\n")
		rest, _ := s.read(in)
		content += rest
	}
	return s.answer(content)
}

// read reads chunks up to the end of a preview or of the content; whole says
// that the end has ieof.
func (s icapServer) read(in *bufio.Reader) (content string, whole bool) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return content, false // the client has heard enough
		}
		length, extension, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), "; ")
		size, err := strconv.ParseInt(length, 16, 32)
		if err != nil || extension != "" && (extension != "ieof" || size != 0) {
			s.t.Errorf("chunk %q", line)
			return content, true
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(in, chunk); err != nil || string(chunk[size:]) != "\r\n" {
			s.t.Errorf("the end of a chunk: %v", err)
			return content, true
		}
		if content += string(chunk[:size]); size == 0 {
			return content, extension == "ieof"
		}
	}
}
