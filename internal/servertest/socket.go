package servertest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/wire"
)

// A Socket is a live stream over WebSocket.
type Socket struct {
	conn   *gws.Conn
	frames chan Frame
	closed chan int
	beats  atomic.Int64
	id     deskside.SessionID
}

// A Frame is one frame of any type.
type Frame struct {
	Type     string
	Raw      []byte
	ID       string
	Seq      int64
	After    int64
	Upto     int64
	Number   int64
	Standing deskside.Standing
	Events   []deskside.Event
	Problem  wire.Problem
	Kind     deskside.SignalKind
	By       deskside.ParticipantID
	You      deskside.ParticipantID
	RTC      string
	Aim      string
	Over     bool
	On       bool
	Here     bool
	Screen   int64
	Binary   []byte // a frame that is no JSON
	Typing   bool
	Count    int
	Presence json.RawMessage // a list in a welcome, a word in a signal
	Marks    json.RawMessage
	Sessions []deskside.Overview
	Session  deskside.Overview
}

type reader struct {
	gws.BuiltinEventHandler
	s *Socket
}

func (r reader) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	f := Frame{Raw: append([]byte(nil), m.Bytes()...)}
	if f.Raw[0] != '{' {
		r.s.frames <- Frame{Type: "binary", Binary: f.Raw}
		return
	}
	if err := json.Unmarshal(f.Raw, &f); err != nil {
		panic(fmt.Sprintf("frame %s: %v", f.Raw, err))
	}
	if f.Type == "beat" {
		r.s.beats.Add(1)
		_ = c.WriteMessage(m.Opcode, wire.Beat) // it may be closed
		return
	}
	r.s.frames <- f
}

// OnPong tells that the server has read what was sent before the ping.
func (r reader) OnPong(*gws.Conn, []byte) { r.s.frames <- Frame{Type: "pong"} }

func (r reader) OnClose(_ *gws.Conn, err error) {
	code := 1006
	if e, ok := err.(*gws.CloseError); ok {
		code = int(e.Code)
	}
	r.s.closed <- code
}

// Dial opens a socket at a path. The error is what the server refused with.
func (c *Client) Dial(t testing.TB, path string, header http.Header) (*Socket, *http.Response, error) {
	t.Helper()
	s := &Socket{frames: make(chan Frame, 2000), closed: make(chan int, 1)}
	if header == nil {
		header = http.Header{"Origin": {c.Server.URL}}
	}
	for _, cookie := range c.HTTP.Jar.Cookies(c.Server.base(t)) {
		header.Add("Cookie", cookie.String())
	}
	conn, resp, err := gws.NewClient(reader{s: s}, &gws.ClientOption{
		Addr: "ws" + strings.TrimPrefix(c.Server.URL, "http") + path, RequestHeader: header, ReadMaxPayloadSize: 16 << 20,
	})
	if err != nil {
		return nil, resp, err
	}
	s.conn = conn
	go conn.ReadLoop()
	t.Cleanup(func() { _ = conn.NetConn().Close() })
	return s, resp, nil
}

// DialDeaf opens a socket that never reads what the server sends.
func (c *Client) DialDeaf(t testing.TB, path string) net.Conn {
	t.Helper()
	base := c.Server.base(t)
	conn, err := net.Dial("tcp", base.Host)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	r := c.Request(t, http.MethodGet, path, "", nil)
	for _, cookie := range c.HTTP.Jar.Cookies(base) {
		r.AddCookie(cookie)
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
	} {
		r.Header.Set(name, value)
	}
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Live opens the socket of a session after the given number, and reads its
// welcome.
func (c *Client) Live(t testing.TB, id deskside.SessionID, after int64) (*Socket, Frame) {
	t.Helper()
	s, _, err := c.Dial(t, fmt.Sprintf("/api/sessions/%s/live?after=%d", id, after), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.id = id
	return s, s.Next(t, "welcome")
}

// Next returns the next frame of a type; others before it are dropped.
func (s *Socket) Next(t testing.TB, typ string) Frame {
	t.Helper()
	return s.Until(t, typ+" frame", func(f Frame) bool { return f.Type == typ })
}

// Beats returns how often the server has said that the line lives.
func (s *Socket) Beats() int64 { return s.beats.Load() }

// Until returns the next frame that is wanted; others before it are dropped.
func (s *Socket) Until(t testing.TB, what string, wanted func(Frame) bool) Frame {
	t.Helper()
	timeout := time.After(Wait)
	for {
		select {
		case f := <-s.frames:
			if wanted(f) {
				return f
			}
		case <-timeout:
			t.Fatalf("no %s within %s", what, Wait)
		}
	}
}

// Event waits for the next event of a type.
func (s *Socket) Event(t testing.TB, typ string) (found deskside.Event) {
	t.Helper()
	s.Until(t, typ+" event", func(f Frame) bool {
		for _, e := range f.Events {
			if e.Body.Type() == typ {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// Send sends a request or a signal.
func (s *Socket) Send(t testing.TB, request map[string]any) {
	t.Helper()
	frame, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	s.Raw(t, gws.OpcodeText, frame)
}

// Raw sends any frame.
func (s *Socket) Raw(t testing.TB, opcode gws.Opcode, frame []byte) {
	t.Helper()
	if err := s.conn.WriteMessage(opcode, frame); err != nil {
		t.Fatal(err)
	}
}

// CloseCode waits until the server closes the socket.
func (s *Socket) CloseCode(t testing.TB) int {
	t.Helper()
	select {
	case code := <-s.closed:
		s.closed <- code
		return code
	case <-time.After(2 * Wait):
		t.Fatal("the socket was not closed")
		return 0
	}
}

// Drop breaks the connection without a word, as a lost network does.
func (s *Socket) Drop() { _ = s.conn.NetConn().Close() }
