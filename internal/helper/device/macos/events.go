package macos

import (
	"slices"
	"sync"

	"deskside/internal/helper/device"
)

// events passes on what happened. Telling it never blocks, as the system's own
// threads do so; what waits to be heard isn't told twice, so that a mouse that
// moves a thousand times a second can't push a pressed stop key out.
type events struct {
	out     chan device.Event
	mu      sync.Mutex
	waiting []device.Event
	wake    chan struct{}
	done    chan struct{}
	closed  sync.Once
}

func newEvents() *events {
	e := &events{out: make(chan device.Event), wake: make(chan struct{}, 1), done: make(chan struct{})}
	go e.pass()
	return e
}

// tell says that something happened.
func (e *events) tell(what device.Event) {
	e.mu.Lock()
	if !slices.Contains(e.waiting, what) {
		e.waiting = append(e.waiting, what)
	}
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *events) pass() {
	defer close(e.out)
	for {
		e.mu.Lock()
		var next device.Event
		some := len(e.waiting) > 0
		if some {
			next, e.waiting = e.waiting[0], e.waiting[1:]
		}
		e.mu.Unlock()
		if !some {
			select {
			case <-e.wake:
			case <-e.done:
				return
			}
			continue
		}
		select {
		case e.out <- next:
		case <-e.done:
			return
		}
	}
}

// close ends passing, and closes out.
func (e *events) close() { e.closed.Do(func() { close(e.done) }) }
