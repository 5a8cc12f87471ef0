package web

import (
	"net/http"
	"sync"
	"time"

	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/wire"
)

const (
	// beatEvery is how often a client hears that the line lives, and silence
	// is how long a client may be silent: it answers each beat.
	beatEvery = 4 * time.Second
	silence   = 10 * time.Second
	// turns is how many turns share a round of beats, so that ten thousand
	// sockets are not written to at once.
	turns = 40
	// loginEvery is how often the logins behind open sockets are checked.
	loginEvery = time.Second
)

// sockets knows the open sockets of this node: for beats, for logins that
// ended, and for the end of the server.
type sockets struct {
	server   *Server
	upgrader *gws.Upgrader

	mu   sync.Mutex // guards what follows
	all  [turns]map[*socket]struct{}
	turn map[*socket]int
	next int // the turn that the next socket gets
	shut bool
	none chan struct{} // closed once shut is set and no socket is left
}

func newSockets(s *Server) *sockets {
	all := &sockets{server: s, turn: make(map[*socket]int), none: make(chan struct{})}
	for i := range all.all {
		all.all[i] = make(map[*socket]struct{})
	}
	all.upgrader = gws.NewUpgrader(handler4gws{}, &gws.ServerOption{
		ReadBufferSize:      512,
		ParallelGolimit:     1,
		ReadMaxPayloadSize:  wire.MaxFrame,
		WriteMaxPayloadSize: 16 << 20, // a page of 200 events; bounded by MaxText
		CheckUtf8Enabled:    true,
		HandshakeTimeout:    upgradeTimeout,
		Logger:              quiet{},
		ResponseHeader:      http.Header{},
		NewSession:          func() gws.SessionStorage { return nil }, // a connection knows its owner
	})
	return all
}

// handler4gws hands what a socket receives to its owner.
type handler4gws struct{}

func owner(ws *gws.Conn) *socket { return ws.NetConn().(*corked).owner }

func (handler4gws) OnOpen(*gws.Conn)              {}
func (handler4gws) OnClose(ws *gws.Conn, _ error) { owner(ws).gone() }
func (handler4gws) OnPing(ws *gws.Conn, p []byte) { _ = ws.WritePong(p) }
func (handler4gws) OnPong(*gws.Conn, []byte)      {}
func (handler4gws) OnMessage(ws *gws.Conn, m *gws.Message) {
	defer m.Close()
	if m.Opcode != owner(ws).opcode {
		owner(ws).shut(1003, "the other kind of frames only")
		return
	}
	owner(ws).hear(m.Bytes())
}

// quiet drops what gws would log: that clients come and go.
type quiet struct{}

func (quiet) Error(...any) {}

func (all *sockets) add(c *socket) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.next = (all.next + 1) % turns
	all.turn[c] = all.next
	all.all[all.next][c] = struct{}{}
	all.server.metrics.sockets.Inc()
}

func (all *sockets) remove(c *socket) {
	all.mu.Lock()
	defer all.mu.Unlock()
	turn, ok := all.turn[c]
	if !ok {
		return
	}
	delete(all.turn, c)
	delete(all.all[turn], c)
	all.server.metrics.sockets.Dec()
	all.tellEmpty()
}

// tellEmpty closes none where it is time; the caller holds mu.
func (all *sockets) tellEmpty() {
	if !all.shut || len(all.turn) > 0 {
		return
	}
	select {
	case <-all.none: // told already
	default:
		close(all.none)
	}
}

// waitEmpty waits until no socket is left, but no longer than limit.
func (all *sockets) waitEmpty(limit time.Duration) {
	select {
	case <-all.none:
	case <-time.After(limit):
	}
}

func (all *sockets) closing() bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.shut
}

// run beats until the server stops.
func (all *sockets) run() {
	beats := time.NewTicker(beatEvery / turns)
	defer beats.Stop()
	for turn := 0; ; {
		select {
		case <-all.server.ctx.Done():
			return
		case <-beats.C:
			turn = (turn + 1) % turns
			all.beat(turn, time.Now())
		}
	}
}

// runLogins checks logins until the server stops. It may wait for the
// database, and so keeps no beat waiting.
func (all *sockets) runLogins() {
	logins := time.NewTicker(loginEvery)
	defer logins.Stop()
	for {
		select {
		case <-all.server.ctx.Done():
			return
		case <-logins.C:
			all.checkLogins()
		}
	}
}

// beat makes the sockets of one turn send a beat, and cuts those that have
// not been heard.
func (all *sockets) beat(turn int, now time.Time) {
	for _, c := range all.some(turn) {
		c.mu.Lock()
		lost := now.Sub(c.heard) > silence
		c.beat = true
		c.mu.Unlock()
		if lost {
			_ = c.ws.NetConn().Close() // ReadLoop notices, and OnClose follows
			continue
		}
		c.kick()
	}
}

func (all *sockets) some(turn int) []*socket {
	all.mu.Lock()
	defer all.mu.Unlock()
	list := make([]*socket, 0, len(all.all[turn]))
	for c := range all.all[turn] {
		list = append(list, c)
	}
	return list
}

func (all *sockets) every() (list []*socket) {
	for turn := range turns {
		list = append(list, all.some(turn)...)
	}
	return list
}

// checkLogins closes the sockets of logins that have ended, whatever ended
// them: signing out, a new password, time.
func (all *sockets) checkLogins() {
	byLogin := make(map[string][]*socket)
	for _, c := range all.every() {
		if c.login != "" {
			byLogin[c.login] = append(byLogin[c.login], c)
		}
	}
	for login, sockets := range byLogin {
		_, err := all.server.Access.Agent(all.server.ctx, login)
		if err == nil {
			continue
		}
		if deskside.CodeOf(err) != deskside.CodeUnauthenticated {
			return // nobody knows now; the next round may
		}
		for _, c := range sockets {
			c.shut(wire.CloseSignedOut, "signed out")
		}
	}
}

// closeAll sends everybody away, to come back later, and refuses new ones.
func (all *sockets) closeAll() {
	all.mu.Lock()
	all.shut = true
	all.tellEmpty()
	all.mu.Unlock()
	for _, c := range all.every() {
		c.shut(wire.CloseRestart, all.server.delay())
	}
}

// login returns the secret of the agent's login that a stream depends on.
func (s *Server) login(r *http.Request) string {
	if by(r).Role == deskside.RoleAgent {
		return s.cookie(r, loginCookie)
	}
	return ""
}
