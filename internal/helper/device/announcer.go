package device

import "sync"

// An Announcer carries events from the threads that see them, which must never
// wait, to the channel that the helper reads. Nothing is lost: an event that is
// announced again before it was read is one event, as each says only that
// something happened. So a mouse that moves a thousand times a second can't
// push a pressed stop key out.
type Announcer struct {
	events chan Event
	wake   chan struct{} // 1 deep
	quit   chan struct{}
	close  sync.Once

	mu      sync.Mutex // guards pending
	pending [len(order)]bool
}

// order is the order in which what is pending goes out: what stops control is
// not to wait behind the rest.
var order = [...]Event{StopPressed, Broken, Acted, MonitorsChanged, ClipboardChanged}

// NewAnnouncer returns one that works until Close.
func NewAnnouncer() *Announcer {
	a := &Announcer{events: make(chan Event), wake: make(chan struct{}, 1), quit: make(chan struct{})}
	go a.run()
	return a
}

// Announce says that something happened. It never blocks, and does nothing
// after Close.
func (a *Announcer) Announce(e Event) {
	a.mu.Lock()
	a.pending[e] = true
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Events returns what was announced, the same channel each time.
func (a *Announcer) Events() <-chan Event { return a.events }

// Close makes the channel of events end.
func (a *Announcer) Close() { a.close.Do(func() { close(a.quit) }) }

// next takes what is to go out next off what is pending.
func (a *Announcer) next() (e Event, some bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range order {
		if a.pending[e] {
			a.pending[e] = false
			return e, true
		}
	}
	return 0, false
}

func (a *Announcer) run() {
	defer close(a.events)
	for {
		e, some := a.next()
		if !some {
			select {
			case <-a.wake:
			case <-a.quit:
				return
			}
			continue
		}
		select {
		case a.events <- e:
		case <-a.quit:
			return
		}
	}
}
