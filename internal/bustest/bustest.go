// Package bustest holds the tests that every bus passes, and a bus that loses
// notices for tests of those who listen.
package bustest

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"deskside"
)

// A Bus is what desk.Bus asks for.
type Bus interface {
	Publish(n deskside.Notice)
	Subscribe(id deskside.SessionID, f func(deskside.Notice)) (cancel func())
	Gaps() int64
}

// wait bounds how long a notice may take.
const wait = 5 * time.Second

// Run tests a bus. open returns two ends of the same bus: on one node they
// may be the same.
func Run(t *testing.T, open func(t *testing.T) (here, there Bus)) {
	t.Run("a session's subscribers get its notices", func(t *testing.T) {
		here, there := open(t)
		got := listen(t, there, "one")
		all := listen(t, there, "")
		here.Publish(deskside.Notice{Session: "one", Number: 1})
		here.Publish(deskside.Notice{Session: "two", Number: 9})
		here.Publish(deskside.Notice{Session: "one", Number: 2})
		got.expect(t, 1, 2)
		all.expect(t, 1, 9, 2)
	})
	t.Run("nobody gets more after cancel", func(t *testing.T) {
		here, there := open(t)
		kept := listen(t, there, "one")
		left := listen(t, there, "one")
		left.cancel()
		here.Publish(deskside.Notice{Session: "one", Number: 1})
		kept.expect(t, 1)
		left.expect(t)
	})
	t.Run("events and signals arrive whole", func(t *testing.T) {
		here, there := open(t)
		arrived := make(chan deskside.Notice, 1)
		t.Cleanup(there.Subscribe("one", func(n deskside.Notice) { arrived <- n }))
		event := deskside.Event{Seq: 7, By: "p", ID: "r", At: deskside.Timestamp(time.Now()), Body: &deskside.Message{Text: "Grüße 😀"}}
		if err := event.Encode(); err != nil {
			t.Fatal(err)
		}
		here.Publish(deskside.Notice{Session: "one", Agent: "a", Number: 7, Events: []deskside.Event{event}})
		select {
		case n := <-arrived:
			if len(n.Events) != 1 || string(n.Events[0].JSON()) != string(event.JSON()) || n.Agent != "a" {
				t.Errorf("got %+v", n)
			}
		case <-time.After(wait):
			t.Fatal("no notice")
		}
	})
	t.Run("many at once", func(t *testing.T) {
		here, there := open(t)
		got := listen(t, there, "one")
		var wg sync.WaitGroup
		var want []int64
		for i := range int64(50) {
			want = append(want, i)
			wg.Go(func() {
				cancel := there.Subscribe("one", func(deskside.Notice) {})
				here.Publish(deskside.Notice{Session: "one", Number: i})
				cancel()
			})
		}
		wg.Wait()
		got.sorted(t, want)
	})
}

type listener struct {
	cancel func()
	mu     sync.Mutex // guards got
	got    []int64
}

func listen(t *testing.T, b Bus, id deskside.SessionID) *listener {
	l := &listener{}
	l.cancel = b.Subscribe(id, func(n deskside.Notice) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.got = append(l.got, n.Number)
	})
	t.Cleanup(l.cancel)
	return l
}

func (l *listener) expect(t *testing.T, want ...int64) {
	t.Helper()
	l.until(t, func(got []int64) bool { return slices.Equal(got, want) }, want)
}

func (l *listener) sorted(t *testing.T, want []int64) {
	t.Helper()
	l.until(t, func(got []int64) bool { slices.Sort(got); return slices.Equal(got, want) }, want)
}

func (l *listener) until(t *testing.T, ok func([]int64) bool, want []int64) {
	t.Helper()
	deadline := time.Now().Add(wait)
	for {
		l.mu.Lock()
		got := slices.Clone(l.got)
		l.mu.Unlock()
		if ok(got) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("notices %v, want %v", got, want)
		}
		time.Sleep(time.Millisecond)
	}
}

// Lossy is a bus that loses a share of all notices.
type Lossy struct {
	Bus
	Share float64 // from 0, nothing, to 1, everything
}

// Publish hands the notice on, or loses it.
func (l Lossy) Publish(n deskside.Notice) {
	if rand.Float64() >= l.Share {
		l.Bus.Publish(n)
	}
}
