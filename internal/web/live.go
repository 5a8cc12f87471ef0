package web

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/desk"
	"deskside/internal/wire"
)

const (
	// writeWait is how long one frame may take to leave. A reader that does
	// not read is cut after it.
	writeWait = 10 * time.Second
	// sendBuffer is how much the kernel holds for a reader that does not read,
	// in bytes; by itself it would take several MiB.
	sendBuffer = 256 << 10
	// maxAnswers is how many answers wait for a pump; who made the last one
	// sends them else.
	maxAnswers = 16
	// upgradeTimeout bounds the handshake.
	upgradeTimeout = 5 * time.Second
)

// A feed is what a stream shows: one session, or an agent's list of them.
type feed interface {
	// first returns the frames that open the stream.
	first() [][]byte
	// next returns the frames that follow, none where there is nothing yet.
	// final is the close code after which nothing can come, or 0.
	next(ctx context.Context) (frames [][]byte, final int, err error)
	// more says whether next has something already.
	more() bool
	// take handles a frame from the client and returns the answer, or nil.
	take(ctx context.Context, frame []byte) ([]byte, error)
	close(ctx context.Context)
}

// opener makes the feed of a stream. notify tells that next has something.
type opener func(ctx context.Context, notify func()) (feed, error)

// live opens the WebSocket of a session.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	return s.upgrade(w, r, s.sessionFeed(r))
}

// liveList opens the WebSocket of an agent's list.
func (s *Server) liveList(w http.ResponseWriter, r *http.Request) error {
	return s.upgrade(w, r, s.listFeed(r))
}

// upgrade turns a request into a WebSocket (RFC 6455) that shows a feed. The
// Origin must be ours exactly: cookies come along from any site's page, and
// http.CrossOriginProtection does not look at upgrades.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, open opener) error {
	if err := s.ownOrigin(r); err != nil {
		return err
	}
	return s.socket(w, r, &socket{login: strings.Clone(s.login(r)), opcode: gws.OpcodeText}, open)
}

// ownOrigin refuses a socket that a page of another site opened.
func (s *Server) ownOrigin(r *http.Request) error {
	if r.Header.Get("Origin") != origin(s.BaseURL) {
		return deskside.Errorf(deskside.CodeCrossOrigin, "This socket was opened by a page of another site.")
	}
	return nil
}

// socket is upgrade for whoever is known already.
func (s *Server) socket(w http.ResponseWriter, r *http.Request, c *socket, open opener) error {
	if !r.ProtoAtLeast(1, 1) || r.Header.Get("Upgrade") == "" {
		return deskside.Errorf(deskside.CodeInvalid, "This address speaks WebSocket.")
	}
	if s.sockets.closing() {
		return &deskside.Error{Code: deskside.CodeUnavailable, Detail: "The server restarts.", RetryAfter: time.Second}
	}
	c.server = s
	feed, err := open(s.ctx, c.kick)
	if err != nil {
		return err
	}
	c.feed = feed
	ws, err := s.sockets.upgrader.Upgrade(hijackable{w, c}, r)
	if err != nil {
		feed.close(s.ctx)
		return nil // gws has answered
	}
	c.start(ws)
	return nil
}

// hijackable lets gws reach the connection through the wrapped writer, and
// makes it the socket's.
type hijackable struct {
	http.ResponseWriter
	owner *socket
}

// Hijack implements [http.Hijacker].
func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, both, err := http.NewResponseController(h.ResponseWriter).Hijack()
	return &corked{Conn: conn, owner: h.owner}, both, err
}

// A socket is one connected page. Frames go out in a goroutine that lives
// only while there is something to send, so an idle socket costs one
// goroutine, which reads.
type socket struct {
	server *Server
	feed   feed
	login  string // the secret of the agent's login; empty for an end-user
	ws     *gws.Conn
	opcode gws.Opcode // of frames in both directions

	sending sync.Mutex // held from taking the answers until they are written

	mu      sync.Mutex // guards what follows
	open    bool       // ws is there and the first frames went out
	pumping bool       // a goroutine is sending
	answers [][]byte   // to requests; they leave together with what followed from those
	again   bool       // there is more since it looked
	beat    bool       // a beat is due
	heard   time.Time  // when the client was heard last
	closed  bool
}

func (c *socket) start(ws *gws.Conn) {
	c.ws = ws
	if tcp := below(ws.NetConn()); tcp != nil {
		_ = tcp.SetWriteBuffer(sendBuffer) // only a bound on memory
	}
	c.write(c.feed.first()...)
	c.mu.Lock()
	c.heard, c.open = time.Now(), true
	c.mu.Unlock()
	c.server.sockets.add(c)
	if c.server.sockets.closing() { // it came too late for closeAll
		c.shut(wire.CloseRestart, c.server.delay())
	}
	c.kick()
	go ws.ReadLoop() // ends with the connection, and then calls OnClose
}

// kick makes sure that somebody sends what there is to send.
func (c *socket) kick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open || c.closed {
		return
	}
	if c.pumping {
		c.again = true
		return
	}
	c.pumping = true
	go c.pump()
}

func (c *socket) pump() {
	for {
		frames, final, err := c.feed.next(c.server.ctx)
		if err != nil {
			c.server.Logger.Warn("a stream can't go on", "error", err)
			c.shut(closeCode(err), string(deskside.CodeOf(err)))
			return
		}
		c.send(frames)
		if final != 0 {
			c.shut(final, "")
			return
		}
		if c.rest() {
			return
		}
	}
}

// rest ends the pump unless there is more to send.
func (c *socket) rest() bool {
	more := c.feed.more()
	c.mu.Lock()
	defer c.mu.Unlock()
	if (more || c.again || c.beat || len(c.answers) > 0) && !c.closed {
		c.again = false
		return false
	}
	c.pumping = false
	return true
}

// send sends frames, and what is due beside them.
func (c *socket) send(frames [][]byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.write(c.due(frames)...)
}

// due adds the answers, and a beat where it is time.
func (c *socket) due(frames [][]byte) [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	frames = append(frames, c.answers...)
	c.answers = nil
	if c.beat {
		frames = append(frames, wire.Beat)
	}
	c.beat = false
	return frames
}

// write sends frames. A failure closes the connection, and OnClose follows.
func (c *socket) write(frames ...[]byte) {
	if len(frames) == 0 {
		return
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait))
	if len(frames) > 1 {
		line := c.ws.NetConn().(*corked)
		line.cork()
		defer func() {
			if line.uncork() != nil {
				_ = line.Close() // ReadLoop notices, and OnClose follows
			}
		}()
	}
	for _, frame := range frames {
		_ = c.ws.WriteMessage(c.opcode, frame)
	}
}

// answer sends an answer to a request. It waits for the client to read where
// that has not read many others.
func (c *socket) answer(frame []byte) {
	c.mu.Lock()
	c.answers = append(c.answers, frame)
	full := len(c.answers) >= maxAnswers
	c.mu.Unlock()
	if full {
		c.send(nil)
		return
	}
	c.kick()
}

// shut closes the connection with a code that tells the client what to do.
func (c *socket) shut(code int, reason string) {
	c.mu.Lock()
	closed := c.closed
	c.closed = true
	c.mu.Unlock()
	if !closed {
		_ = c.ws.SetWriteDeadline(time.Now().Add(time.Second))
		_ = c.ws.WriteClose(uint16(code), []byte(reason))
		_ = c.ws.NetConn().SetReadDeadline(time.Now().Add(time.Second))
	}
}

// hear handles a frame from the client.
func (c *socket) hear(frame []byte) {
	c.mu.Lock()
	c.heard = time.Now()
	c.mu.Unlock()
	if bytes.Equal(frame, wire.Beat) { // most of what idle clients say
		return
	}
	answer, err := c.feed.take(c.server.ctx, frame)
	if err != nil {
		c.shut(closeCode(err), string(deskside.CodeOf(err)))
		return
	}
	if answer != nil {
		c.answer(answer)
	}
}

// gone ends what the connection kept alive.
func (c *socket) gone() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.server.ctx), writeWait)
	defer cancel()
	c.feed.close(ctx)
	c.server.sockets.remove(c) // only now: a server that stops waits for what close has to say
}

// sessionFeed shows one session.
func (s *Server) sessionFeed(r *http.Request) opener {
	who, id := by(r), deskside.SessionID(strings.Clone(string(sessionOf(r)))) // else the whole request stays in memory
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)          // 0 is where everybody begins
	return func(ctx context.Context, notify func()) (feed, error) {
		watch, greeting, err := s.Desk.Watch(ctx, who, id, after, notify)
		if err != nil {
			return nil, err
		}
		welcome := wire.Welcome{
			You: who.ID, Role: who.Role, Standing: greeting.Standing, Number: greeting.Number, Now: deskside.Timestamp(time.Now()),
			Presence: greeting.Presence, Marks: greeting.Marks, Visits: greeting.Visits, WrongKeys: greeting.WrongKeys,
		}
		return &sessionFeed{server: s, who: who, id: id, watch: watch, welcome: wire.Encode("welcome", welcome)}, nil
	}
}

type sessionFeed struct {
	server  *Server
	who     deskside.Actor
	id      deskside.SessionID
	watch   *desk.Watch
	welcome []byte
	pace    pace
}

func (f *sessionFeed) first() [][]byte {
	frames := [][]byte{f.welcome}
	f.welcome = nil
	return frames
}

func (f *sessionFeed) more() bool { return f.watch.More() }

func (f *sessionFeed) next(ctx context.Context) (frames [][]byte, final int, err error) {
	b, err := f.watch.Next(ctx)
	if err != nil {
		return nil, 0, err
	}
	if b.Upto > b.After {
		frames = append(frames, wire.Events(b.After, b.Upto, b.Events))
	}
	for _, signal := range b.Signals {
		frames = append(frames, wire.Encode("signal", signal))
	}
	if b.Standing != "" {
		frames = append(frames, wire.Encode("standing", wire.StandingFrame{Standing: b.Standing}))
	}
	if b.Ended {
		final = wire.CloseEnded
	}
	return frames, final, nil
}

func (f *sessionFeed) take(ctx context.Context, frame []byte) ([]byte, error) {
	req, err := wire.Decode(frame)
	if err != nil {
		return refuse(req.ID, err), nil
	}
	switch {
	case req.Type == "away":
		err = f.watch.Away(ctx, req.Away)
	case req.IsSignal():
		err = f.server.signal(ctx, f.who, f.id, req)
	default:
		f.watch.Asking(req.ID)
		ack, err := f.server.paced(&f.pace, func() (wire.Ack, error) { return f.server.do(ctx, f.who, f.id, req) })
		f.watch.Asking("")
		if err != nil {
			f.server.note(err, req.Type)
			return refuse(req.ID, err), nil
		}
		return wire.Encode("ack", ack), nil
	}
	if err != nil {
		f.server.note(err, req.Type) // a signal may be lost
	}
	return nil, nil
}

func (f *sessionFeed) close(ctx context.Context) { f.watch.Close(ctx) }

// note logs a fault that a client is told of in a frame.
func (s *Server) note(err error, what string) {
	if answers[deskside.CodeOf(err)].status >= 500 && err != error(tooMuch) && s.ctx.Err() == nil {
		s.Logger.Error("request failed", "request", what, "error", err)
	}
}

func refuse(id string, err error) []byte {
	return wire.Encode("error", wire.Refusal{ID: id, Problem: problem(err)})
}

// below returns the TCP connection that carries another, or nil.
func below(conn net.Conn) *net.TCPConn {
	for {
		switch c := conn.(type) {
		case *net.TCPConn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}
