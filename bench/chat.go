package main

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"
)

// messageSize is the length of a message's text, in bytes.
const messageSize = 120

// A crowd is many sessions of two sockets each, on one server. Where that has
// several nodes, the two are on different ones.
type crowd struct {
	server  *server
	writers []*writer
	acks    *histogram
	peers   *histogram
	refuses *histogram
	refused atomic.Int64
	measure atomic.Bool
	cut     atomic.Int64 // connections that ended; the bench does not come back
	why     atomic.Pointer[error]
	over    atomic.Bool // connections end because the bench does
}

// A writer is one socket that writes, and the ledger of who reads it.
type writer struct {
	crowd  *crowd
	name   string // of the writer, in each text
	socket *socket
	peer   *writer
	post   func(n int, id, text string) []byte
	ledger *ledger     // what its peer received
	acked  *ledger     // what it got acknowledged
	mu     sync.Mutex  // guards sent
	sent   []time.Time // when each message was due
	// answered is called, by who reads, with each ack and each refusal; nil
	// for an open loop.
	answered atomic.Pointer[func()]
}

func newCrowd(s settings) (*crowd, error) {
	if s.centrifugo != "" {
		return centrifugoCrowd(s)
	}
	server, err := startServer(s)
	if err != nil {
		return nil, err
	}
	c, err := server.crowd(s.sessions)
	if err != nil {
		server.stop()
	}
	return c, err
}

func (s *server) emptyCrowd(sessions int) *crowd {
	return &crowd{server: s, acks: new(histogram), peers: new(histogram), refuses: new(histogram), writers: make([]*writer, 2*sessions)}
}

// crowd starts sessions and connects both sockets of each.
func (s *server) crowd(sessions int) (*crowd, error) {
	c := s.emptyCrowd(sessions)
	return c, parallel(sessions, setupAtOnce, func(i int) error { return c.addSession(2 * i) })
}

// leave closes the crowd's connections.
func (c *crowd) leave() {
	c.over.Store(true)
	for _, w := range c.writers {
		_ = w.socket.conn.NetConn().Close()
	}
}

func (c *crowd) addSession(i int) error {
	id, token, err := c.server.newSession()
	if err != nil {
		return err
	}
	guest, err := c.server.join(token)
	if err != nil {
		return err
	}
	a, b := c.writersOf(i, request)
	nodes := c.server.nodes
	if a.socket, err = c.server.agent.live(nodes[i/2%len(nodes)], id, a.read, c.noteCut); err != nil {
		return err
	}
	if b.socket, err = guest.live(nodes[(i/2+1)%len(nodes)], id, b.read, c.noteCut); err != nil {
		return err
	}
	return nil
}

// writersOf makes both writers of a session, the first of which is the i-th.
func (c *crowd) writersOf(i int, post func(n int, id, text string) []byte) (a, b *writer) {
	a = &writer{crowd: c, name: fmt.Sprintf("w%d:", i), post: post, ledger: newLedger(), acked: newLedger()}
	b = &writer{crowd: c, name: fmt.Sprintf("w%d:", i+1), post: post, ledger: newLedger(), acked: newLedger()}
	a.peer, b.peer = b, a
	c.writers[i], c.writers[i+1] = a, b
	return a, b
}

// request is how a message is said to Deskside.
func request(_ int, id, text string) []byte {
	return []byte(`{"type":"post","id":"` + id + `","text":"` + text + `"}`)
}

// noteCut remembers that the server, or the network, ended a connection.
func (c *crowd) noteCut(err error) {
	if !c.over.Load() {
		c.cut.Add(1)
		c.why.CompareAndSwap(nil, &err)
	}
}

// write sends the writer's next message, which was due at a time: what the
// generator is late with counts as latency (no coordinated omission).
func (w *writer) write(due time.Time) {
	w.mu.Lock()
	n := len(w.sent)
	w.sent = append(w.sent, due)
	w.mu.Unlock()
	id := w.name + strconv.Itoa(n)
	text := id + " " + strings.Repeat("x", messageSize-len(id)-1)
	if err := w.socket.conn.WriteMessage(gws.OpcodeText, w.post(n, id, text)); err != nil {
		w.crowd.refused.Add(1)
	}
}

func (w *writer) due(n int) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.sent) {
		return time.Time{}, false
	}
	return w.sent[n], true
}

// read takes a frame that arrived at w.
func (w *writer) read(frame []byte) {
	now := time.Now()
	switch {
	case bytes.HasPrefix(frame, []byte(`{"type":"ack"`)):
		if n, ok := w.timing(frame, `"id":"`+w.name, w.crowd.acks, now); ok {
			w.acked.receive(n)
		}
		w.next()
	case bytes.HasPrefix(frame, []byte(`{"type":"events"`)):
		mark := `"text":"` + w.peer.name
		for rest := frame; ; {
			i := bytes.Index(rest, []byte(mark))
			if i < 0 {
				return
			}
			if n, ok := w.peer.timing(rest[i:], mark, w.crowd.peers, now); ok {
				w.peer.ledger.receive(n)
			}
			rest = rest[i+len(mark):]
		}
	case bytes.HasPrefix(frame, []byte(`{"type":"error"`)):
		w.timing(frame, `"id":"`+w.name, w.crowd.refuses, now)
		w.crowd.refused.Add(1)
		w.next()
	}
}

func (w *writer) next() {
	if f := w.answered.Load(); f != nil {
		(*f)()
	}
}

// timing reads the number behind mark and records how long ago it was due.
func (w *writer) timing(frame []byte, mark string, h *histogram, now time.Time) (int, bool) {
	i := bytes.Index(frame, []byte(mark))
	if i < 0 {
		return 0, false
	}
	n := 0
	for _, d := range frame[i+len(mark):] {
		if d < '0' || d > '9' {
			break
		}
		n = 10*n + int(d-'0')
	}
	due, ok := w.due(n)
	if ok && w.crowd.measure.Load() {
		h.add(now.Sub(due))
	}
	return n, ok
}

// lane sends every lanes-th message.
func (c *crowd) lane(lane, lanes, rate int, began, end time.Time) {
	for i := lane; ; i += lanes {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if !due.Before(end) {
			return
		}
		if wait := time.Until(due); wait > time.Millisecond {
			time.Sleep(wait)
		}
		c.writers[i*7919%len(c.writers)].write(due) // a prime spreads them over the sessions
	}
}

func (c *crowd) total() (n int) {
	for _, w := range c.writers {
		w.mu.Lock()
		n += len(w.sent)
		w.mu.Unlock()
	}
	return n
}

const (
	// settleFor bounds how long what is on its way may take; without any
	// progress for stuckAfter it will not come any more.
	settleFor  = time.Minute
	stuckAfter = 10 * time.Second
)

// settle waits until everything has arrived and was answered.
func (c *crowd) settle() {
	end, least, moved := time.Now().Add(settleFor), math.MaxInt, time.Now()
	for time.Now().Before(end) && time.Since(moved) < stuckAfter {
		missing := c.missing(heard) + c.missing(acknowledged)
		if missing == 0 {
			return
		}
		if missing < least {
			least, moved = missing, time.Now()
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func heard(w *writer) *ledger        { return w.ledger }
func acknowledged(w *writer) *ledger { return w.acked }

// missing returns how many messages one side's ledgers lack. What was refused
// is not missing.
func (c *crowd) missing(side func(*writer) *ledger) int {
	n := -int(c.refused.Load())
	for _, w := range c.writers {
		w.mu.Lock()
		sent := len(w.sent)
		w.mu.Unlock()
		n += side(w).lost(sent)
	}
	return n
}
