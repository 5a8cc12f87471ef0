package win32

import (
	"sync"
	"sync/atomic"

	"deskside/internal/helper/device"
)

// An announcer carries events from the threads that see them, which must never
// wait, to the channel that the helper reads. An event that is announced again
// before it was read is one event: each says only that something happened.
type announcer struct {
	events  chan device.Event
	pending [device.Broken + 1]atomic.Bool
	wake    chan struct{} // 1 deep
	quit    chan struct{}
	ended   chan struct{}
	close   sync.Once
}

func newAnnouncer() *announcer {
	a := &announcer{
		events: make(chan device.Event, 16),
		wake:   make(chan struct{}, 1),
		quit:   make(chan struct{}),
		ended:  make(chan struct{}),
	}
	go a.run()
	return a
}

// announce never blocks.
func (a *announcer) announce(e device.Event) {
	if a.pending[e].Swap(true) {
		return
	}
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// stop closes the channel of events and returns once that is done.
func (a *announcer) stop() {
	a.close.Do(func() { close(a.quit) })
	<-a.ended
}

// order is the order in which what is pending goes out: what stops control is
// not to wait behind the rest.
var order = [...]device.Event{device.StopPressed, device.Broken, device.Acted, device.MonitorsChanged, device.ClipboardChanged}

func (a *announcer) run() {
	defer close(a.ended)
	defer close(a.events)
	for {
		select {
		case <-a.quit:
			return
		case <-a.wake:
		}
		for _, e := range order {
			if !a.pending[e].Swap(false) {
				continue
			}
			if e == device.Acted {
				// Whoever has 16 events to read learns nothing from one more.
				select {
				case a.events <- e:
				default:
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
}
