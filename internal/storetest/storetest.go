// Package storetest holds the tests that every store passes, whichever engine
// keeps the data. A store that passes them can carry internal/desk and
// internal/access.
package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"deskside"
	"deskside/internal/access"
	"deskside/internal/desk"
)

// A Store is what a node needs of an engine.
type Store interface {
	desk.Store
	access.Store
	// Ready returns nil while the store can store.
	Ready(ctx context.Context) error
	Close() error
}

// An Opener opens a store whose clock is the given one. Called again, after
// Close, it opens the same data.
type Opener func(t *testing.T, clock func() time.Time) Store

// Run tests a store. opener is called for each test, and names new data.
func Run(t *testing.T, opener func(t *testing.T) Opener) {
	for _, group := range []struct {
		name  string
		cases map[string]func(*testing.T, *bench)
	}{
		{"log", logCases},
		{"keys", keyCases},
		{"connections", connectionCases},
		{"lists", listCases},
		{"history", historyCases},
		{"jobs", jobCases},
		{"files", fileCases},
		{"notes", noteCases},
		{"forget", forgetCases},
		{"accounts", accountCases},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, test := range group.cases {
				t.Run(name, func(t *testing.T) { test(t, newBench(t, opener(t))) })
			}
		})
	}
}

// A bench is one store under test, with its clock.
type bench struct {
	Store
	t    *testing.T
	open Opener

	mu   sync.Mutex // guards what follows
	time time.Time
	made int
}

func newBench(t *testing.T, open Opener) *bench {
	b := &bench{t: t, open: open, time: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)}
	b.Store = open(t, b.now)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.time
}

// pass lets time pass, or run back.
func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.time = b.time.Add(d)
}

// reopen closes the store and opens its data again.
func (b *bench) reopen() {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Fatalf("close: %v", err)
	}
	b.Store = b.open(b.t, b.now)
}

// do stores events as the given participant, whatever the rules say.
func (b *bench) do(id deskside.SessionID, by deskside.ParticipantID, bodies ...deskside.Body) []deskside.Event {
	b.t.Helper()
	events, err := b.try(id, by, bodies...)
	if err != nil {
		b.t.Fatalf("store %s: %v", bodies[0].Type(), err)
	}
	return events
}

func (b *bench) try(id deskside.SessionID, by deskside.ParticipantID, bodies ...deskside.Body) ([]deskside.Event, error) {
	return b.Update(b.t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		var c deskside.Change
		for _, body := range bodies {
			c.Events = append(c.Events, deskside.Event{By: by, Body: body})
		}
		return c, nil
	})
}

// The people of the tests.
const (
	ada    deskside.AgentID       = "ada"
	bea    deskside.AgentID       = "bea"
	asAda  deskside.ParticipantID = "ada"
	enduse deskside.ParticipantID = "visitor"
)

const keyLife = time.Hour

// start makes a session of an agent with a key of its own.
func (b *bench) start(agent deskside.AgentID) deskside.SessionID {
	b.t.Helper()
	id := deskside.SessionID(deskside.NewID())
	_, err := b.Update(b.t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Events: []deskside.Event{b.created(agent)}, Key: b.key(id, 1)}, nil
	})
	if err != nil {
		b.t.Fatalf("start a session: %v", err)
	}
	return id
}

func (b *bench) created(agent deskside.AgentID) deskside.Event {
	return deskside.Event{By: deskside.ParticipantID(agent), Body: &deskside.Created{
		Agent: agent, AgentName: "Agent " + string(agent), Expires: deskside.Timestamp(b.now().Add(keyLife)),
	}}
}

// key makes a key that no other session has.
func (b *bench) key(id deskside.SessionID, generation int) *deskside.Key {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made++
	return &deskside.Key{
		Session: id, Generation: generation,
		DigitsMAC: fmt.Appendf(nil, "digits %d", b.made), LinkMAC: fmt.Appendf(nil, "link %d", b.made),
		Sealed: fmt.Appendf(nil, "sealed %d", b.made),
	}
}

// active makes a session in which an end-user has arrived.
func (b *bench) active(agent deskside.AgentID) deskside.SessionID {
	b.t.Helper()
	id := b.start(agent)
	b.do(id, enduse, &deskside.Arrived{Participant: enduse, Role: deskside.RoleEndUser, Via: deskside.ViaLink})
	return id
}

// ended makes a session in which the texts were said, and ends it.
func (b *bench) ended(agent deskside.AgentID, texts ...string) deskside.SessionID {
	b.t.Helper()
	id := b.active(agent)
	for _, text := range texts {
		b.do(id, enduse, &deskside.Message{Text: text})
	}
	b.do(id, deskside.ParticipantID(agent), &deskside.Ended{Reason: deskside.EndedByAgent})
	return id
}

// number returns the number of the session's last event.
func (b *bench) number(id deskside.SessionID) (n int64) {
	b.t.Helper()
	if err := b.View(b.t.Context(), id, func(s *deskside.Session) error { n = s.Number; return nil }); err != nil {
		b.t.Fatalf("view %s: %v", id, err)
	}
	return n
}

// wantCode fails the test unless err has the code.
func wantCode(t *testing.T, what string, err error, want deskside.Code) {
	t.Helper()
	if got := deskside.CodeOf(err); got != want {
		t.Errorf("%s: code %q (%v), want %q", what, got, err, want)
	}
}

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
