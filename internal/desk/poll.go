package desk

import (
	"context"
	"maps"
	"slices"
	"sync"

	"deskside"
)

// listsEvery is at how many ticks the lists are looked at.
const listsEvery = 5

// polled knows the watches of this desk, so that what the bus lost reaches
// them all the same: each tick asks how far the logs of their sessions go.
type polled struct {
	// Only Run uses these, each in one goroutine.
	gaps   int64 // of the bus, after which presence was told
	ticks  int
	listed map[deskside.SessionID]int64 // how far the open sessions of the lists went

	mu       sync.Mutex // guards what follows
	sessions map[deskside.SessionID][]*Watch
	lists    map[*ListWatch]bool
	unsaid   []farewell // that the store is still to be told
}

func newPolled() *polled {
	return &polled{
		listed:   make(map[deskside.SessionID]int64),
		sessions: make(map[deskside.SessionID][]*Watch),
		lists:    make(map[*ListWatch]bool),
	}
}

func (p *polled) add(w *Watch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.sessions[w.session]
	p.sessions[w.session] = append(old[:len(old):len(old)], w)
}

func (p *polled) drop(w *Watch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var rest []*Watch
	for _, other := range p.sessions[w.session] {
		if other != w {
			rest = append(rest, other)
		}
	}
	if rest == nil {
		delete(p.sessions, w.session)
		return
	}
	p.sessions[w.session] = rest
}

func (p *polled) addList(l *ListWatch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lists[l] = true
}

func (p *polled) dropList(l *ListWatch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lists, l)
}

// watched returns the sessions that somebody watches here.
func (p *polled) watched() []deskside.SessionID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.sessions))
}

// A farewell tells the store that somebody's connection is gone.
type farewell func(context.Context) error

// late keeps farewells for when the store can be told.
func (p *polled) late(unsaid ...farewell) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsaid = append(p.unsaid, unsaid...)
}

// takeLate returns those that late has kept.
func (p *polled) takeLate() []farewell {
	p.mu.Lock()
	defer p.mu.Unlock()
	unsaid := p.unsaid
	p.unsaid = nil
	return unsaid
}

// lines returns the connections of everybody who watches here.
func (p *polled) lines() (all []*line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, watches := range p.sessions {
		for _, w := range watches {
			all = append(all, &w.line)
		}
	}
	for l := range p.lists {
		all = append(all, &l.line)
	}
	return all
}

// listing returns who looks at lists here, each once; an administrator stands
// for everybody.
func (p *polled) listing() map[deskside.AgentID]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	agents := make(map[deskside.AgentID]bool)
	for l := range p.lists {
		agents[whose(l.who)] = true
	}
	if agents[""] {
		return map[deskside.AgentID]bool{"": true}
	}
	return agents
}

// hint tells everybody who watches the session how far it goes.
func (p *polled) hint(h deskside.Hint) {
	p.mu.Lock()
	watches := p.sessions[h.Session] // never changed in place
	p.mu.Unlock()
	for _, w := range watches {
		w.hear(deskside.Notice{Session: h.Session, Number: h.Number})
	}
}

// changed tells the lists that a session is not as it was.
func (p *polled) changed(id deskside.SessionID) {
	p.mu.Lock()
	lists := slices.Collect(maps.Keys(p.lists))
	p.mu.Unlock()
	for _, l := range lists {
		l.change(id)
	}
}

// poll hands on what the store says has grown.
func (d *Desk) poll(ctx context.Context) error {
	hints, err := d.store.Numbers(ctx, d.polled.watched())
	if err != nil {
		return err
	}
	for _, h := range hints {
		d.polled.hint(h)
	}
	if d.polled.ticks++; d.polled.ticks%listsEvery != 0 {
		return nil
	}
	return d.pollLists(ctx)
}

// pollLists tells the lists which of their sessions have begun, grown, or
// ended since the last time.
func (d *Desk) pollLists(ctx context.Context) error {
	var open []deskside.SessionID
	for agent := range d.polled.listing() {
		ids, err := d.store.OpenSessions(ctx, agent)
		if err != nil {
			return err
		}
		open = append(open, ids...)
	}
	hints, err := d.store.Numbers(ctx, open)
	if err != nil {
		return err
	}
	now := make(map[deskside.SessionID]int64, len(hints))
	for _, h := range hints {
		now[h.Session] = h.Number
		if d.polled.listed[h.Session] != h.Number {
			d.polled.changed(h.Session)
		}
	}
	for id := range d.polled.listed {
		if _, still := now[id]; !still {
			d.polled.changed(id)
		}
	}
	d.polled.listed = now
	return nil
}
