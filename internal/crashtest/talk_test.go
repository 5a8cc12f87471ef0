package crashtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/wire"
)

// A talk is one participant with a WebSocket, who says one thing after the
// other, and comes back with the last number whenever the connection breaks.
type talk struct {
	at      func() string // where to connect to next
	session deskside.SessionID
	by      deskside.ParticipantID
	browser *browser
	said    []Said
	refused atomic.Int64 // answers "unavailable"
	line    *line        // the connection, while there is one

	deaf atomic.Int64 // until when it reads nothing, in Unix nanoseconds

	mu    sync.Mutex // guards what follows
	shown []deskside.Event
	upto  int64     // the last number that the server has shown
	heard time.Time // when it was shown something last
	where string    // where it is connected, or was last
	back  time.Time // since when
}

// A line is one WebSocket connection of a talk.
type line struct {
	gws.BuiltinEventHandler
	t       testing.TB
	talk    *talk
	conn    *gws.Conn
	answers chan answer
	closed  chan struct{}
}

// An answer is an ack, or a problem.
type answer struct {
	Type    string
	ID      string
	Seq     int64
	Problem wire.Problem
}

// say posts one message, again and again under the same id until the server
// has taken it.
func (k *talk) say(t testing.TB, text string) {
	one := Said{By: k.by, ID: deskside.NewID(), Text: text}
	defer func() { k.said = append(k.said, one) }()
	request, err := json.Marshal(wire.Request{Type: "post", ID: one.ID, Text: text})
	if err != nil {
		t.Error(err)
		return
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		a, ok := k.ask(t, request)
		switch {
		case !ok: // no server just now
			time.Sleep(5 * time.Millisecond)
		case a.ID != one.ID:
			t.Errorf("said %q as %s: the answer is to %s", text, one.ID, a.ID)
			return
		case a.Type == "ack" && a.Seq > 0:
			one.Seq = a.Seq
			return
		case a.Problem.Code == deskside.CodeUnavailable:
			k.refused.Add(1)
			time.Sleep(20 * time.Millisecond)
		default:
			t.Errorf("said %q: %+v", text, a)
			return
		}
	}
	t.Errorf("said %q: no answer in %s", text, patience)
}

// ask sends a frame and waits for its answer, unless there is no connection or
// it breaks.
func (k *talk) ask(t testing.TB, frame []byte) (answer, bool) {
	if !k.connect(t) {
		return answer{}, false
	}
	_ = k.line.conn.WriteMessage(gws.OpcodeText, frame) // a failure closes the line
	select {
	case a := <-k.line.answers:
		return a, true
	case <-k.line.closed:
		return answer{}, false
	case <-time.After(patience):
		t.Errorf("neither an answer nor an end in %s", patience)
		k.line.conn.NetConn().Close()
		return answer{}, false
	}
}

// connect makes sure that there is a connection. Nobody else adds to what was
// shown then: the old line is closed.
func (k *talk) connect(t testing.TB) bool {
	if k.line != nil {
		select {
		case <-k.line.closed:
		default:
			return true
		}
	}
	address := k.at()
	l := &line{t: t, talk: k, answers: make(chan answer, 1), closed: make(chan struct{})}
	conn, _, err := gws.NewClient(l, &gws.ClientOption{
		Addr:               fmt.Sprintf("ws://%s/api/sessions/%s/live?after=%d", address, k.session, k.number()),
		RequestHeader:      k.browser.header(),
		ReadMaxPayloadSize: 16 << 20,
		Logger:             quiet{},
	})
	if err != nil {
		k.line = nil
		return false
	}
	l.conn, k.line = conn, l
	k.mu.Lock()
	k.where, k.back = address, time.Now()
	k.mu.Unlock()
	go conn.ReadLoop()
	return true
}

// quiet drops what gws would log: that the server goes.
type quiet struct{}

func (quiet) Error(...any) {}

// OnClose implements [gws.Event].
func (l *line) OnClose(*gws.Conn, error) { close(l.closed) }

// OnMessage implements [gws.Event].
func (l *line) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	time.Sleep(time.Until(time.Unix(0, l.talk.deaf.Load())))
	var frame struct {
		answer
		After, Upto int64
		Events      []deskside.Event
	}
	if err := json.Unmarshal(m.Bytes(), &frame); err != nil {
		l.t.Errorf("frame %s: %v", m.Bytes(), err)
	}
	switch frame.Type {
	case "ack", "error":
		l.answers <- frame.answer
	case "events":
		l.talk.show(l.t, frame.After, frame.Upto, frame.Events)
	case "beat":
		_ = c.WriteMessage(gws.OpcodeText, wire.Beat) // a failure closes the line
	}
}

// show takes what the server shows in (after, upto].
func (k *talk) show(t testing.TB, after, upto int64, events []deskside.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if after != k.upto {
		t.Errorf("%s was shown what follows %d, and has %d", k.by, after, k.upto)
	}
	k.shown, k.upto, k.heard = append(k.shown, events...), upto, time.Now()
}

func (k *talk) number() int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.upto
}

// shownUpTo waits until the talk was shown everything up to a number, and
// returns that.
func (k *talk) shownUpTo(t testing.TB, number int64) []deskside.Event {
	t.Helper()
	for deadline := time.Now().Add(patience); k.number() < number; time.Sleep(5 * time.Millisecond) {
		k.connect(t)
		if time.Now().After(deadline) {
			t.Errorf("%s was shown the log up to %d only", k.by, k.number())
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.shown
}

// header returns what a browser sends along to open a WebSocket.
func (b *browser) header() http.Header {
	base := &url.URL{Scheme: "http", Host: strings.TrimPrefix(b.base, "http://"), Path: "/"}
	h := http.Header{"Origin": {b.base}}
	for _, c := range b.http.Jar.Cookies(base) {
		h.Add("Cookie", c.String())
	}
	return h
}
