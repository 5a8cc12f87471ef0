package store

import (
	"container/list"
	"sync"
	"time"

	"deskside"
)

// How much stays folded in memory, counted in events, of which one of a chat
// takes some 200 bytes. Sessions in use are worth it: folding one of a
// thousand messages again takes as long as storing hundreds.
const (
	maxIdleEvents = 200_000   // in sessions that nobody used for keepWarm …
	maxEvents     = 4_000_000 // … and in all
	keepWarm      = 10 * time.Minute
)

// sessions are the folded sessions in memory. Only the writer removes one, so
// that it never meets a session in two shapes, or a reader under the session's
// own lock.
type sessions struct {
	mu      sync.Mutex // guards what follows, and weight and used of each session
	byID    map[deskside.SessionID]*list.Element
	recent  *list.List // of *folded, the one used last in front
	events  int64
	removed int // how often something was removed
}

// A folded is one session, folded.
type folded struct {
	// mu guards what follows. The writer holds it from its first look at the
	// session until what it decided is committed, so that nobody ever sees
	// what is not stored.
	mu      sync.RWMutex
	session *deskside.Session
	row     int64 // in the table of sessions; 0 where there is none
	stale   bool  // not what the log has any more: ask again

	weight int64
	used   time.Time
}

func newSessions() *sessions {
	return &sessions{byID: make(map[deskside.SessionID]*list.Element), recent: list.New()}
}

// get returns a session, or nil where it is not in memory; then removed is for
// [sessions.offer].
func (c *sessions) get(id deskside.SessionID) (f *folded, removed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byID[id]
	if e == nil {
		return nil, c.removed
	}
	c.recent.MoveToFront(e)
	f = e.Value.(*folded)
	f.used = time.Now()
	return f, 0
}

// lock returns a session locked for the writer, or nil where it is not in
// memory.
func (c *sessions) lock(id deskside.SessionID) *folded {
	f, _ := c.get(id)
	if f == nil {
		return nil
	}
	f.mu.Lock()
	if f.stale { // forgotten a moment ago
		f.mu.Unlock()
		return nil
	}
	return f
}

// put adds a session that the writer has folded.
func (c *sessions) put(f *folded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(f)
}

// offer adds a session that a reader has folded, unless the log may have grown
// since. It has not where no session was removed: one that the writer touched
// would still be here.
func (c *sessions) offer(f *folded, removed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.removed == removed && c.byID[f.session.ID] == nil && c.events < maxEvents {
		c.add(f)
	}
}

func (c *sessions) add(f *folded) {
	f.used = time.Now()
	c.byID[f.session.ID] = c.recent.PushFront(f)
	c.count(f)
}

// count brings the weight of a session up to date.
func (c *sessions) count(f *folded) {
	weight := f.session.Number + 8 // a session without events is no nothing
	c.events += weight - f.weight
	f.weight = weight
}

// settle ends the writer's work on a session, which it still has locked. One
// that is not committed, or not there any more, is removed.
func (c *sessions) settle(f *folded, committed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byID[f.session.ID]
	switch {
	case !committed || f.row == 0:
		f.stale = true
		if e != nil {
			c.remove(e)
		}
	case e != nil:
		c.count(f)
	}
}

// forget removes a session whose log is not as it was: whoever looks next
// reads it anew.
func (c *sessions) forget(f *folded) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.settle(f, false)
}

func (c *sessions) remove(e *list.Element) {
	f := c.recent.Remove(e).(*folded)
	delete(c.byID, f.session.ID)
	c.events -= f.weight
	c.removed++
}

// trim removes the sessions that were not used for longest, as far as memory
// demands. The writer calls it while it still holds what it works on, which
// was used just now.
func (c *sessions) trim() {
	c.mu.Lock()
	defer c.mu.Unlock()
	warm := time.Now().Add(-keepWarm)
	for e := c.recent.Back(); e != nil && c.events > maxIdleEvents; e = c.recent.Back() {
		if c.events <= maxEvents && e.Value.(*folded).used.After(warm) {
			return
		}
		c.remove(e)
	}
}

// clear removes everything.
func (c *sessions) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byID)
	c.recent.Init()
	c.events = 0
	c.removed++
}
