package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deskside"
	"deskside/internal/bus"
	"deskside/internal/bustest"
	"deskside/internal/desk"
	"deskside/internal/store"
)

// A room is one session on two desks that share a store: as on two nodes.
type room struct {
	ahead       *atomic.Int64 // how far the desks' clock is, in nanoseconds
	store       *store.Store
	here, there *desk.Desk
	agent       deskside.Actor
	session     deskside.SessionID
	token       string // of its link
}

// newRoom makes a session; wrap stands between each desk and the bus, and
// options change those of the desks.
func newRoom(t *testing.T, wrap func(desk.Bus) desk.Bus, options ...func(*desk.Options)) room {
	t.Helper()
	ahead := new(atomic.Int64)
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "deskside.db"), store.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	vault, err := desk.NewVault(desk.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	b := wrap(bus.NewLocal())
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	open := func(node string) *desk.Desk {
		o := desk.Options{Vault: vault, Node: node, KeyLife: time.Hour, IdleEnd: 24 * time.Hour, KeepFor: time.Hour, Clock: clock, Logger: slog.New(slog.DiscardHandler)}
		for _, change := range options {
			change(&o)
		}
		d := desk.New(s, b, o)
		running.Go(func() { d.Run(ctx) })
		return d
	}
	r := room{ahead: ahead, store: s, here: open("here"), there: open("there"), agent: deskside.Actor{ID: "ada", Role: deskside.RoleAgent, Name: "Ada"}}
	t.Cleanup(func() {
		stop()
		running.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if r.session, err = r.here.Start(t.Context(), r.agent); err != nil {
		t.Fatal(err)
	}
	card, err := r.here.KeyCard(t.Context(), r.agent, r.session)
	if err != nil {
		t.Fatal(err)
	}
	r.token = card.Token
	if _, err := r.here.Join(t.Context(), r.token); err != nil {
		t.Fatal(err)
	}
	return r
}

// A reader reads a watch as a connection does.
type reader struct {
	watch *desk.Watch
	news  chan struct{}
	seqs  []int64
	upto  int64
}

func (r room) read(t *testing.T, d *desk.Desk) *reader {
	t.Helper()
	x := &reader{news: make(chan struct{}, 1)}
	w, _, err := d.Watch(t.Context(), r.agent, r.session, 0, func() {
		select {
		case x.news <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	x.watch = w
	t.Cleanup(func() { w.Close(context.Background()) })
	return x
}

// until reads until the reader has everything up to a number.
func (x *reader) until(t *testing.T, number int64, within time.Duration) {
	t.Helper()
	timeout := time.After(within)
	for {
		b, err := x.watch.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b.After != x.upto {
			t.Fatalf("a batch after %d, want after %d", b.After, x.upto)
		}
		x.upto = b.Upto
		for _, e := range b.Events {
			x.seqs = append(x.seqs, e.Seq)
		}
		if x.upto >= number {
			return
		}
		if x.watch.More() {
			continue
		}
		select {
		case <-x.news:
		case <-timeout:
			t.Fatalf("has %d of %d after %s", x.upto, number, within)
		}
	}
}

// TestTheBusIsAHint: whatever share of its notices the bus loses, every
// reader gets everything, once and in order, within 3 s.
func TestTheBusIsAHint(t *testing.T) {
	for _, share := range []float64{0, .3, 1} {
		t.Run(fmt.Sprintf("loses %.0f %%", 100*share), func(t *testing.T) {
			r := newRoom(t, func(b desk.Bus) desk.Bus { return bustest.Lossy{Bus: b, Share: share} })
			x := r.read(t, r.there)
			var last int64
			for i := range 50 {
				e, err := r.here.Post(t.Context(), r.agent, r.session, fmt.Sprint(i), "Hello")
				if err != nil {
					t.Fatal(err)
				}
				last = e.Seq
			}
			x.until(t, last, 3*time.Second)
			for i, seq := range x.seqs {
				if seq != int64(i+1) {
					t.Fatalf("the reader got %v", x.seqs)
				}
			}
		})
	}
}

// TestWhoWaitsOutsideNeedsNoBus loses all notices: who knocked learns by the
// poll what became of it, and everybody that the session has ended.
func TestWhoWaitsOutsideNeedsNoBus(t *testing.T) {
	r := newRoom(t, func(b desk.Bus) desk.Bus { return bustest.Lossy{Bus: b, Share: 1} })
	ctx := t.Context()
	knock := func() (deskside.ParticipantID, *desk.Watch) {
		entry, err := r.there.KnockByLink(ctx, r.token)
		if err != nil {
			t.Fatal(err)
		}
		w, _, err := r.there.Watch(ctx, deskside.Actor{ID: entry.You, Role: deskside.RoleEndUser}, r.session, 0, func() {})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close(context.Background()) })
		return entry.You, w
	}
	next := func(w *desk.Watch, what string, is func(desk.Batch) bool) {
		t.Helper()
		eventually(t, what, func() bool {
			b, err := w.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return is(b)
		})
	}
	one, atOne := knock()
	another, atAnother := knock()
	_, atThird := knock()
	inside := r.read(t, r.there).watch
	if _, err := r.here.Admit(ctx, r.agent, r.session, "a", one); err != nil {
		t.Fatal(err)
	}
	if _, err := r.here.Refuse(ctx, r.agent, r.session, "r", another); err != nil {
		t.Fatal(err)
	}
	next(atOne, "who was admitted knows", func(b desk.Batch) bool { return b.Standing == deskside.Entering })
	next(atAnother, "who was refused knows", func(b desk.Batch) bool { return b.Standing == deskside.Turned })
	if _, err := r.here.End(ctx, r.agent, r.session, "e"); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*desk.Watch{inside, atThird} {
		next(w, "everybody knows that the session has ended", func(b desk.Batch) bool { return b.Ended })
	}
}

// fading is a bus that is away for a while.
type fading struct {
	desk.Bus
	away *atomic.Bool
	gaps *atomic.Int64
}

func (f fading) Gaps() int64 { return f.gaps.Load() }

func (f fading) Publish(n deskside.Notice) {
	if !f.away.Load() {
		f.Bus.Publish(n)
	}
}

// TestPresenceAfterTheBusWasAway: who came meanwhile is told of once it is
// back, to those who were there.
func TestPresenceAfterTheBusWasAway(t *testing.T) {
	bus := fading{away: new(atomic.Bool), gaps: new(atomic.Int64)}
	r := newRoom(t, func(b desk.Bus) desk.Bus { bus.Bus = b; return bus })
	x := r.read(t, r.there)
	eventually(t, "nobody is to be connected again", func() bool { return desk.Settled(r.here) })
	bus.away.Store(true)
	bea := deskside.Actor{ID: "bea", Role: deskside.RoleAgent, Name: "Bea", Admin: true}
	w, _, err := r.here.Watch(t.Context(), bea, r.session, 0, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close(context.Background())
	bus.away.Store(false)
	bus.gaps.Add(1)
	eventually(t, "who was there is told", func() bool {
		b, err := x.watch.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(b.Signals, func(s deskside.Signal) bool {
			return s.Kind == deskside.SignalPresence && s.By == bea.ID && s.Presence == deskside.Here
		})
	})
}

// doubling is a bus that says everything twice and late things first.
type doubling struct {
	desk.Bus
	mu   *sync.Mutex
	held *deskside.Notice
}

func (d doubling) Publish(n deskside.Notice) {
	d.mu.Lock()
	late := *d.held
	*d.held = n
	d.mu.Unlock()
	d.Bus.Publish(n)
	d.Bus.Publish(late)
	d.Bus.Publish(n)
}

func TestDoubledAndReorderedNotices(t *testing.T) {
	r := newRoom(t, func(b desk.Bus) desk.Bus {
		return doubling{Bus: b, mu: new(sync.Mutex), held: new(deskside.Notice)}
	})
	x := r.read(t, r.there)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 50 {
				if _, err := r.here.Post(t.Context(), r.agent, r.session, fmt.Sprint(w, "-", i), "Hello"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	x.until(t, 202, 3*time.Second)
	for i, seq := range x.seqs {
		if seq != int64(i+1) {
			t.Fatalf("event %d is number %d", i+1, seq)
		}
	}
}

// TestSlowReaderCostsLittle lets a reader not read while very much is said:
// what waits for it in memory is bounded, and it gets everything later.
func TestSlowReaderCostsLittle(t *testing.T) {
	r := newRoom(t, func(b desk.Bus) desk.Bus { return b })
	x := r.read(t, r.here)
	var last int64
	for i := range 500 {
		e, err := r.here.Post(t.Context(), r.agent, r.session, fmt.Sprint(i), "Hello")
		if err != nil {
			t.Fatal(err)
		}
		last = e.Seq
	}
	if n := desk.Waiting(x.watch); n > desk.MaxReady {
		t.Errorf("%d events wait in memory for the reader", n)
	}
	x.until(t, last, 3*time.Second)
	if len(x.seqs) != int(last) {
		t.Errorf("the reader got %d of %d events", len(x.seqs), last)
	}
}

// TestTimersFireOnce: two desks on one store notice the same expired key.
func TestTimersFireOnce(t *testing.T) {
	r := newRoom(t, func(b desk.Bus) desk.Bus { return b })
	id, err := r.here.Start(t.Context(), r.agent)
	if err != nil {
		t.Fatal(err)
	}
	r.ahead.Store(int64(2 * time.Hour))
	var wg sync.WaitGroup
	for _, d := range []*desk.Desk{r.here, r.there, r.here, r.there} {
		wg.Go(func() {
			if err := d.Due(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	events, _, err := r.here.Events(t.Context(), r.agent, id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range events {
		types = append(types, e.Body.Type())
	}
	if want := []string{"created", "key-expired"}; !slices.Equal(types, want) {
		t.Errorf("events %q, want %q", types, want)
	}
}

// TestKeysGuessedAtOnce types many wrong keys at the same time: no more of them
// are looked up than one after the other. Right ones cost nothing.
func TestKeysGuessedAtOnce(t *testing.T) {
	r := newRoom(t, func(b desk.Bus) desk.Bus { return b })
	from := netip.MustParseAddr("192.0.2.1")
	id, err := r.here.Start(t.Context(), r.agent)
	if err != nil {
		t.Fatal(err)
	}
	card, err := r.here.KeyCard(t.Context(), r.agent, id)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // as many as may wait
		if _, err := r.here.KnockByKey(t.Context(), string(card.Key), true, from); err != nil {
			t.Errorf("a right key: %v", err)
		}
	}
	var looked atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, err := r.there.KnockByKey(t.Context(), "000 000 000", false, from)
			switch deskside.CodeOf(err) {
			case deskside.CodeKeyUnknown:
				looked.Add(1)
			case deskside.CodeTooMany:
			default:
				t.Errorf("a wrong key: %v", err)
			}
		})
	}
	wg.Wait()
	if n := looked.Load(); n != 10 {
		t.Errorf("%d wrong keys were looked up, want 10", n)
	}
}

func TestVault(t *testing.T) {
	if _, err := desk.NewVault([]byte("too short")); err == nil {
		t.Error("a short secret was taken")
	}
	if a, b := desk.NewSecret(), desk.NewSecret(); string(a) == string(b) || len(a) != desk.SecretSize {
		t.Error("secrets are alike")
	}
}
