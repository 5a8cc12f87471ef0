package desk

import (
	"context"
	"sync"

	"deskside"
)

// polled knows the watches of this desk, so that what the bus lost reaches
// them all the same: the end of the log is looked at each tick.
type polled struct {
	position int64 // in the log; only Run uses it

	mu       sync.Mutex // guards what follows
	sessions map[deskside.SessionID][]*Watch
	lists    map[*ListWatch]bool
}

func newPolled() *polled {
	return &polled{
		position: -1,
		sessions: make(map[deskside.SessionID][]*Watch),
		lists:    make(map[*ListWatch]bool),
	}
}

func (p *polled) add(w *Watch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions[w.session] = append(p.sessions[w.session], w)
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

// hint tells everybody who watches the session that it has grown.
func (p *polled) hint(h deskside.Hint) {
	p.mu.Lock()
	watches := p.sessions[h.Session]
	var lists []*ListWatch
	for l := range p.lists {
		lists = append(lists, l)
	}
	p.mu.Unlock()
	for _, w := range watches {
		w.hear(deskside.Notice{Session: h.Session, Number: h.Number})
	}
	for _, l := range lists {
		l.change(h.Session)
	}
}

// poll hands on what the log says has grown since the last time.
func (d *Desk) poll(ctx context.Context) error {
	hints, position, err := d.store.Tail(ctx, d.polled.position)
	if err != nil {
		return err
	}
	d.polled.position = position
	for _, h := range hints {
		d.polled.hint(h)
	}
	return nil
}
