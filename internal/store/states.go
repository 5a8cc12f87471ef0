package store

import (
	"container/list"
	"sync"

	"deskside"
)

// maxFolded bounds the folded sessions in memory, counted in their events.
// A session of chat takes about 100 bytes an event.
const maxFolded = 500_000

// states are folded sessions. The writer holds the lock from the first look
// at one until what it decided is committed, so that nobody else ever sees
// what is not stored.
type states struct {
	mu     sync.RWMutex // guards what follows
	byID   map[deskside.SessionID]*list.Element
	recent *list.List // of *state, the one used last in front
	events int64
}

// A state is one folded session.
type state struct {
	session *deskside.Session
	row     int64 // in the table of sessions
	weight  int64 // events when it was counted
}

func newStates() *states {
	return &states{byID: make(map[deskside.SessionID]*list.Element), recent: list.New()}
}

// get returns a session's state, or nil. The caller holds the lock for
// writing.
func (c *states) get(id deskside.SessionID) *state {
	e := c.byID[id]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*state)
}

// peek is get for callers that hold the lock for reading.
func (c *states) peek(id deskside.SessionID) *state {
	if e := c.byID[id]; e != nil {
		return e.Value.(*state)
	}
	return nil
}

// put adds a state. The caller holds the lock for writing.
func (c *states) put(s *state) {
	if old := c.byID[s.session.ID]; old != nil {
		c.remove(old)
	}
	c.byID[s.session.ID] = c.recent.PushFront(s)
	c.count(s)
}

// count brings a state's weight up to date.
func (c *states) count(s *state) {
	weight := s.session.Number + 8 // a session without events is no nothing
	c.events += weight - s.weight
	s.weight = weight
}

func (c *states) remove(e *list.Element) {
	s := c.recent.Remove(e).(*state)
	delete(c.byID, s.session.ID)
	c.events -= s.weight
}

func (c *states) drop(id deskside.SessionID) {
	if e := c.byID[id]; e != nil {
		c.remove(e)
	}
}

// trim forgets the sessions that were not used for longest.
func (c *states) trim() {
	for c.events > maxFolded && c.recent.Len() > 1 {
		c.remove(c.recent.Back())
	}
}

func (c *states) clear() {
	clear(c.byID)
	c.recent.Init()
	c.events = 0
}
