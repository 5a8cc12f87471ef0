package store

import (
	"fmt"
	"testing"
	"time"

	"deskside"
)

// TestSessionsInUseStay fills the memory with sessions: those in use stay,
// those that nobody used for long go, and only as many as have to.
func TestSessionsInUseStay(t *testing.T) {
	const each = 1000
	c := newSessions()
	put := func(n int, used time.Time) *folded {
		f := &folded{session: &deskside.Session{ID: deskside.SessionID(fmt.Sprint(n)), Number: each}, row: 1}
		c.put(f)
		f.used = used
		return f
	}
	in := func(n int) bool { return c.byID[deskside.SessionID(fmt.Sprint(n))] != nil }
	const cold, warm = 250, 250
	for n := range cold {
		put(n, time.Now().Add(-2*keepWarm))
	}
	for n := range warm {
		put(cold+n, time.Now())
	}
	c.trim()
	if in(0) || in(cold-1) || !in(cold) || !in(cold+warm-1) {
		t.Error("the wrong sessions were removed")
	}
	for n := range maxEvents / each {
		put(cold+warm+n, time.Now())
	}
	c.trim()
	if c.events > maxEvents || in(cold) || !in(cold+warm+maxEvents/each-1) {
		t.Errorf("%d events in memory; the newest is there: %v", c.events, in(cold+warm+maxEvents/each-1))
	}
}

// TestOfferedLate lets a reader fold a session, which the writer then touches
// and which is removed before the reader offers what it has.
func TestOfferedLate(t *testing.T) {
	c := newSessions()
	_, removed := c.get("s")
	stale := &folded{session: &deskside.Session{ID: "s", Number: 1}, row: 1}
	fresh := &folded{session: &deskside.Session{ID: "s", Number: 2}, row: 1}
	c.put(fresh)
	c.offer(stale, removed)
	if f, _ := c.get("s"); f != fresh {
		t.Fatal("the stale session took the place of the fresh one")
	}
	c.settle(fresh, false)
	c.offer(stale, removed)
	if f, _ := c.get("s"); f != nil {
		t.Fatal("a stale session was taken")
	}
	_, removed = c.get("s")
	c.offer(stale, removed)
	if f, _ := c.get("s"); f != stale {
		t.Error("a session that nobody touched was not taken")
	}
}
