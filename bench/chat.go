package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"
)

// messageSize is the length of a message's text, in bytes.
const messageSize = 120

// A crowd is many sessions of two sockets each, on one server.
type crowd struct {
	server  *server
	writers []*writer
	epoch   time.Time
	acks    *histogram
	peers   *histogram
	refused atomic.Int64
	measure atomic.Bool
}

// A writer is one socket that writes, and the ledger of who reads it.
type writer struct {
	crowd  *crowd
	name   string // of the writer, in each text
	socket *socket
	peer   *writer
	ledger *ledger // what its peer received
	mu     sync.Mutex
	sent   []time.Time // when each message was due
}

func newCrowd(s settings) (*crowd, error) {
	server, err := startServer(s.binary, s.address)
	if err != nil {
		return nil, err
	}
	c := &crowd{server: server, epoch: time.Now(), acks: new(histogram), peers: new(histogram)}
	c.writers = make([]*writer, 2*s.sessions)
	err = parallel(s.sessions, setupAtOnce, func(i int) error { return c.addSession(2 * i) })
	if err != nil {
		server.stop()
		return nil, err
	}
	return c, nil
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
	a := &writer{crowd: c, name: fmt.Sprintf("w%d:", i), ledger: newLedger()}
	b := &writer{crowd: c, name: fmt.Sprintf("w%d:", i+1), ledger: newLedger()}
	a.peer, b.peer = b, a
	if a.socket, err = c.server.agent.live(id, a.read); err != nil {
		return err
	}
	if b.socket, err = guest.live(id, b.read); err != nil {
		return err
	}
	c.writers[i], c.writers[i+1] = a, b
	return nil
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
	frame := `{"type":"post","id":"` + id + `","text":"` + text + `"}`
	if err := w.socket.conn.WriteMessage(gws.OpcodeText, []byte(frame)); err != nil {
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
		w.timing(frame, `"id":"`+w.name, w.crowd.acks, now)
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
		w.crowd.refused.Add(1)
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

// A result is what one rate led to.
type result struct {
	asked, reached            float64
	ack, peer                 summary
	lost, doubled, misordered int
	refused                   int64
	cpu                       float64 // of one CPU
	memory                    int64
}

// run holds a rate for some seconds, open loop: what is due is sent,
// whatever is still on its way.
func (c *crowd) run(rate, seconds int) (result, error) {
	c.acks, c.peers = new(histogram), new(histogram)
	c.refused.Store(0)
	pid := c.server.process.Process.Pid
	cpu, err := cpuTime(pid)
	if err != nil {
		return result{}, err
	}
	before := c.total()
	c.measure.Store(true)
	began := time.Now()
	end := began.Add(time.Duration(seconds) * time.Second)
	const lanes = 4
	var wg sync.WaitGroup
	for lane := range lanes {
		wg.Go(func() { c.lane(lane, lanes, rate, began, end) })
	}
	wg.Wait()
	sent := c.total() - before
	c.settle()
	took := end.Sub(began)
	c.measure.Store(false)
	used, err := cpuTime(pid)
	if err != nil {
		return result{}, err
	}
	r := result{asked: float64(rate), ack: c.acks.summary(), peer: c.peers.summary(), refused: c.refused.Load()}
	r.cpu = (used - cpu).Seconds() / took.Seconds()
	for _, w := range c.writers {
		r.lost += w.ledger.lost(len(w.sent))
		r.doubled += w.ledger.doubled
		r.misordered += w.ledger.misordered
	}
	r.reached = float64(sent) / took.Seconds()
	r.memory, err = memory(pid)
	return r, err
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

// settle waits until everything has arrived, 10 s at most.
func (c *crowd) settle() {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		missing := 0
		for _, w := range c.writers {
			missing += w.ledger.lost(len(w.sent))
		}
		if missing == 0 {
			return
		}
	}
}

func (r result) print(name string) {
	fmt.Printf("%-8s %6.0f/s reached %6.0f/s: to the peer p50 %s p99 %s p99.9 %s, to the ack p50 %s p99 %s p99.9 %s, lost %d doubled %d misordered %d refused %d, server %.0f %% CPU %.0f µs/message %.0f MiB\n",
		name, r.asked, r.reached, round(r.peer.p50), round(r.peer.p99), round(r.peer.p999), round(r.ack.p50), round(r.ack.p99), round(r.ack.p999),
		r.lost, r.doubled, r.misordered, r.refused, 100*r.cpu, 1e6*r.cpu/r.reached, float64(r.memory)/(1<<20))
}

// chat holds one rate.
func chat(s settings) error {
	c, err := newCrowd(s)
	if err != nil {
		return err
	}
	defer c.server.stop()
	r, err := c.run(s.rate, s.seconds)
	if err != nil {
		return err
	}
	r.print("chat")
	return nil
}

// goodP99 is what a rate has to keep.
const goodP99 = 50 * time.Millisecond

func (r result) good() bool {
	return r.peer.p99 < goodP99 && r.lost == 0 && r.doubled == 0 && r.misordered == 0 && r.refused == 0 && r.reached > .99*r.asked
}

// search looks for the highest rate that keeps p99 under goodP99: it grows by
// half until one fails, and then halves the step three times.
func search(s settings) error {
	best, rate, step := 0, 2000, 1.5
	for narrowing := 0; narrowing < 4; {
		c, err := newCrowd(s) // each rate on data of its own
		if err != nil {
			return err
		}
		_, err = c.run(1000, 2) // warm
		var r result
		if err == nil {
			r, err = c.run(rate, s.seconds)
		}
		c.server.stop()
		if err != nil {
			return err
		}
		r.print("search")
		if r.good() {
			best = rate
		} else {
			narrowing++
			step = 1 + (step-1)/2
		}
		if best == 0 {
			rate /= 2
			continue
		}
		if r.good() || rate != best {
			rate = int(float64(best) * step)
		}
	}
	fmt.Printf("search   highest rate with p99 under %s and nothing lost: %d messages/s (aim 8,000)\n", goodP99, best)
	return nil
}
