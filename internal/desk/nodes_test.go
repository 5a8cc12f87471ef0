package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deskside"
	"deskside/internal/bus"
	"deskside/internal/desk"
	"deskside/internal/postgrestest"
	"deskside/internal/store"
)

// A shared is a store as one node has it, which tells when the node beat last.
type shared struct {
	*store.Store
	now  func() time.Time
	beat atomic.Int64 // in Unix milliseconds
	away atomic.Bool  // it takes neither events nor beats nor farewells, as if the database were away
	vain atomic.Int64 // how many beats it did not take
	lost atomic.Bool  // it stores who connects, and its answer is lost

	// Each is called once: by who has read presence, and by who has read that
	// somebody is absent, before they have it.
	slow, slowAbsent atomic.Pointer[func()]
}

func (s *shared) Absent(ctx context.Context, before time.Time) ([]deskside.Absence, error) {
	absent, err := s.Store.Absent(ctx, before)
	if len(absent) > 0 {
		if slow := s.slowAbsent.Swap(nil); slow != nil {
			(*slow)()
		}
	}
	return absent, err
}

func (s *shared) Present(ctx context.Context, id deskside.SessionID) ([]deskside.PresenceOf, error) {
	present, err := s.Store.Present(ctx, id)
	if slow := s.slow.Swap(nil); slow != nil {
		(*slow)()
	}
	return present, err
}

func (s *shared) Connect(ctx context.Context, c deskside.Connection) error {
	err := s.Store.Connect(ctx, c)
	if err == nil && s.lost.Load() {
		err = deskside.Unavailable(errors.New("the answer is lost"))
	}
	return err
}

func (s *shared) Disconnect(ctx context.Context, connection string) error {
	if s.away.Load() {
		return deskside.Unavailable(errors.New("away"))
	}
	return s.Store.Disconnect(ctx, connection)
}

func (s *shared) Update(ctx context.Context, id deskside.SessionID, decide func(*deskside.Session) (deskside.Change, error)) ([]deskside.Event, error) {
	if s.away.Load() {
		return nil, deskside.Unavailable(errors.New("away"))
	}
	return s.Store.Update(ctx, id, decide)
}

func (s *shared) Beat(ctx context.Context, node string) (bool, error) {
	if s.away.Load() {
		s.vain.Add(1)
		return false, deskside.Unavailable(errors.New("away"))
	}
	begun := s.now().UnixMilli()
	known, err := s.Store.Beat(ctx, node)
	if err == nil {
		s.beat.Store(begun)
	}
	return known, err
}

// A pair are two nodes that share a database, with one session.
type pair struct {
	ahead   atomic.Int64              // how far all clocks are, in nanoseconds
	stands  atomic.Pointer[time.Time] // where they stand still, if they do
	stores  [2]*shared
	desks   [2]*desk.Desk
	stop    [2]func() // ends a node
	kill    [2]func() // ends a node without a word
	agent   deskside.Actor
	session deskside.SessionID
}

func (p *pair) now() time.Time {
	if at := p.stands.Load(); at != nil {
		return *at
	}
	return time.Now().Add(time.Duration(p.ahead.Load()))
}

func (p *pair) pass(d time.Duration) { p.ahead.Add(int64(d)) }

func newPair(t *testing.T) *pair {
	t.Helper()
	url := postgrestest.New(t)
	p := &pair{agent: deskside.Actor{ID: "ada", Role: deskside.RoleAgent, Name: "Ada"}}
	vault, err := desk.NewVault(desk.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	notices := bus.NewLocal()
	for i, name := range []string{"here", "there"} {
		s, err := store.Open(t.Context(), url, store.Options{Clock: p.now})
		if err != nil {
			t.Fatal(err)
		}
		p.stores[i] = &shared{Store: s, now: p.now}
		p.desks[i] = desk.New(p.stores[i], notices, desk.Options{Vault: vault, Node: name, KeyLife: time.Hour,
			IdleEnd: 24 * time.Hour, KeepFor: time.Hour, Clock: p.now, Logger: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { p.desks[i].Run(ctx) })
		p.stop[i] = func() {
			stop()
			running.Wait()
		}
		p.kill[i] = sync.OnceFunc(func() {
			_ = p.stores[i].Close() // before anything can be said any more
			p.stop[i]()
		})
		t.Cleanup(p.kill[i])
	}
	if p.session, err = p.desks[0].Start(t.Context(), p.agent); err != nil {
		t.Fatal(err)
	}
	return p
}

// watch lets somebody watch on a node until the test ends.
func (p *pair) watch(t *testing.T, node int, who deskside.Actor) *desk.Watch {
	t.Helper()
	w, _, err := p.desks[node].Watch(t.Context(), who, p.session, 0, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// beaten waits until a node has beaten since the clock was set.
func (p *pair) beaten(t *testing.T, node int) {
	t.Helper()
	since := p.now().UnixMilli()
	eventually(t, "the node beats", func() bool { return p.stores[node].beat.Load() >= since })
}

// presence is how the agent is present, by the log of a node.
func (p *pair) presence(t *testing.T, node int) deskside.Presence {
	t.Helper()
	present, err := p.stores[node].Present(t.Context(), p.session)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range present {
		if q.Participant == p.agent.ID {
			return q.Presence
		}
	}
	return ""
}

// wantTold waits until a watch hears how the agent is present.
func (p *pair) wantTold(t *testing.T, w *desk.Watch, want deskside.Presence) {
	t.Helper()
	eventually(t, "who watches is told that the agent is "+string(want), func() bool {
		b, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(b.Signals, func(s deskside.Signal) bool {
			return s.Kind == deskside.SignalPresence && s.By == p.agent.ID && s.Presence == want
		})
	})
}

func (p *pair) wantNobodyLeft(t *testing.T) {
	t.Helper()
	events, _, err := p.desks[0].Events(t.Context(), p.agent, p.session, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if _, left := e.Body.(*deskside.Left); left {
			t.Errorf("event %d says that somebody left", e.Seq)
		}
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within time: %s", what)
		}
	}
}

// TestNobodyIsGoneAfterAnOutage lets no node beat for longer than one takes to
// be dead, since the database is away, and one of them later than the other.
func TestNobodyIsGoneAfterAnOutage(t *testing.T) {
	p := newPair(t)
	defer p.watch(t, 0, p.agent).Close(context.Background())
	p.beaten(t, 0)
	p.stores[0].away.Store(true)
	p.pass(desk.DeadAfter + 15*time.Second)
	for range 3 {
		p.beaten(t, 1)
		if is := p.presence(t, 1); is != deskside.Here {
			t.Errorf("who is connected is %q", is)
		}
		p.pass(6 * time.Second)
	}
	p.stores[0].away.Store(false)
	p.beaten(t, 0)
	if err := p.desks[1].Due(t.Context()); err != nil {
		t.Error(err)
	}
	p.wantNobodyLeft(t)
}

// TestABeatThatFailedIsTriedAgain within a second, not only when the next one
// would be due.
func TestABeatThatFailedIsTriedAgain(t *testing.T) {
	p := newPair(t)
	p.beaten(t, 0)
	p.stores[0].away.Store(true)
	for i := range int64(2) {
		at := p.now().Add(time.Duration(6-5*i) * time.Second) // when it is due, and a second later
		p.stands.Store(&at)
		eventually(t, "it is tried", func() bool { return p.stores[0].vain.Load() == i+1 })
	}
}

// TestANodeTakenForDeadComesBack lets a node be taken for dead, as while it
// alone could not reach the database: its people are here again.
func TestANodeTakenForDeadComesBack(t *testing.T) {
	p := newPair(t)
	defer p.watch(t, 0, p.agent).Close(context.Background())
	p.beaten(t, 0)
	if _, err := p.stores[1].Leave(t.Context(), "here"); err != nil {
		t.Fatal(err)
	}
	if is := p.presence(t, 1); is != deskside.Offline {
		t.Fatalf("whose node was taken for dead is %q", is)
	}
	eventually(t, "they are here again", func() bool { return p.presence(t, 1) == deskside.Here })
}

// TestADeadNodesPeopleAreGone kills a node: who watches on another one is told
// that its people are gone, without asking.
func TestADeadNodesPeopleAreGone(t *testing.T) {
	p := newPair(t)
	p.watch(t, 0, p.agent)
	w := p.watch(t, 1, deskside.Actor{ID: "bea", Role: deskside.RoleAgent, Name: "Bea", Admin: true})
	defer w.Close(context.Background())
	p.beaten(t, 0)
	p.kill[0]()
	eventually(t, "the other node's people are told", func() bool {
		if begun := p.now().UnixMilli(); p.stores[1].beat.Load() >= begun-1000 {
			p.pass(6 * time.Second)
		}
		b, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(b.Signals, func(s deskside.Signal) bool {
			return s.Kind == deskside.SignalPresence && s.By == p.agent.ID && s.Presence == deskside.Offline
		})
	})
}

// TestAStoppingNodesPeopleAreGone stops a node that still has connections: who
// watches on another one is told that its people are gone.
func TestAStoppingNodesPeopleAreGone(t *testing.T) {
	p := newPair(t)
	p.watch(t, 0, p.agent)
	w := p.watch(t, 1, deskside.Actor{ID: "bea", Role: deskside.RoleAgent, Name: "Bea", Admin: true})
	defer w.Close(context.Background())
	p.stop[0]()
	p.wantTold(t, w, deskside.Offline)
}

// TestWhoLeavesInAnOutageIsGone closes a connection while the database is
// away: nobody is here for ever.
func TestWhoLeavesInAnOutageIsGone(t *testing.T) {
	p := newPair(t)
	w := p.watch(t, 0, p.agent)
	p.stores[0].away.Store(true)
	w.Close(t.Context())
	if is := p.presence(t, 1); is != deskside.Here {
		t.Fatalf("who could not say that they leave is %q", is)
	}
	p.stores[0].away.Store(false)
	eventually(t, "they are gone", func() bool { return p.presence(t, 1) == deskside.Offline })
}

// TestAHelperLostInAnOutageIsMissed breaks a helper's connection while the
// database is away: control does not wait for it for ever.
func TestAHelperLostInAnOutageIsMissed(t *testing.T) {
	p := newPair(t)
	helper := p.helper(t)
	p.stores[0].away.Store(true)
	if err := p.desks[0].LoseHelper(t.Context(), helper); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Fatalf("while the database is away: %v", err)
	}
	p.stores[0].away.Store(false)
	eventually(t, "it is missed", func() bool { return p.missed(t, 0) })
}

// TestADeadNodesHelperIsMissed kills the node that a helper is connected to.
func TestADeadNodesHelperIsMissed(t *testing.T) {
	p := newPair(t)
	p.helper(t)
	p.watch(t, 0, p.agent)
	p.beaten(t, 0)
	p.kill[0]()
	eventually(t, "it is missed", func() bool {
		if begun := p.now().UnixMilli(); p.stores[1].beat.Load() >= begun-1000 {
			p.pass(6 * time.Second)
		}
		return p.missed(t, 1)
	})
}

// missed says whether the log has the session's helper as gone.
func (p *pair) missed(t *testing.T, node int) (missed bool) {
	t.Helper()
	if err := p.stores[node].View(t.Context(), p.session, func(s *deskside.Session) error { missed = !s.Control().Reached; return nil }); err != nil {
		t.Fatal(err)
	}
	return missed
}

// helper connects a helper to the first node.
func (p *pair) helper(t *testing.T) desk.Helper {
	t.Helper()
	ctx, d := t.Context(), p.desks[0]
	try := func(_ deskside.Event, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	card, err := d.KeyCard(ctx, p.agent, p.session)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := d.Join(ctx, card.Token)
	if err != nil {
		t.Fatal(err)
	}
	guest := deskside.Actor{ID: joined.You, Role: deskside.RoleEndUser}
	try(d.AskControl(ctx, p.agent, p.session, "ask"))
	try(d.PrepareControl(ctx, guest, p.session, "prepare", p.agent.ID))
	code, _, err := d.OfferHelper(ctx, guest, p.session)
	if err != nil {
		t.Fatal(err)
	}
	pairing, err := d.PairHelper(ctx, string(code), deskside.Linux, netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	helper, err := d.Helper(ctx, pairing.Token)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.ReachHelper(ctx, helper); err != nil {
		t.Fatal(err)
	}
	return helper
}

// TestWhoWasRefusedInDoubtIsGone loses the answer that a connection is stored:
// its owner is refused, and is not here for ever.
func TestWhoWasRefusedInDoubtIsGone(t *testing.T) {
	p := newPair(t)
	bea := deskside.Actor{ID: "bea", Role: deskside.RoleAgent, Name: "Bea", Admin: true}
	w := p.watch(t, 1, bea)
	defer w.Close(context.Background())
	p.stores[0].lost.Store(true)
	if _, _, err := p.desks[0].Watch(t.Context(), p.agent, p.session, 0, func() {}); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Fatalf("watch: %v", err)
	}
	p.wantTold(t, w, deskside.Offline)
	if is := p.presence(t, 1); is != deskside.Offline {
		t.Errorf("who was refused is %q", is)
	}
}

// TestThePresenceThatIsToldLastIsTheNewest lets somebody come to another node
// while theirs, which has seen them go, has yet to say so.
func TestThePresenceThatIsToldLastIsTheNewest(t *testing.T) {
	p := newPair(t)
	bea := p.watch(t, 1, deskside.Actor{ID: "bea", Role: deskside.RoleAgent, Name: "Bea", Admin: true})
	defer bea.Close(context.Background())
	ada := p.watch(t, 0, p.agent)
	eventually(t, "nobody is to be connected again", func() bool { return desk.Settled(p.desks[0]) && desk.Settled(p.desks[1]) })
	var again *desk.Watch
	come := func() { again = p.watch(t, 1, p.agent) }
	p.stores[0].slow.Store(&come)
	ada.Close(t.Context())
	defer again.Close(context.Background())
	b, err := bea.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var last deskside.Presence
	for _, s := range b.Signals {
		if s.Kind == deskside.SignalPresence && s.By == p.agent.ID {
			last = s.Presence
		}
	}
	if last != deskside.Here {
		t.Errorf("who is here was told last to be %q", last)
	}
}

// TestWhoReturnsAsTheyLeaveIsBack lets somebody come back after a node has
// read that they are absent, and before it has logged that they left.
func TestWhoReturnsAsTheyLeaveIsBack(t *testing.T) {
	p := newPair(t)
	p.kill[1]()
	card, err := p.desks[0].KeyCard(t.Context(), p.agent, p.session)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.desks[0].Join(t.Context(), card.Token); err != nil {
		t.Fatal(err)
	}
	w := p.watch(t, 0, p.agent)
	eventually(t, "nobody is to be connected again", func() bool { return desk.Settled(p.desks[0]) })
	come := func() {
		if w, _, err = p.desks[0].Watch(context.Background(), p.agent, p.session, 0, func() {}); err != nil {
			t.Error(err)
		}
	}
	p.stores[0].slowAbsent.Store(&come)
	w.Close(t.Context())
	p.pass(deskside.LeaveAfter + time.Second)
	eventually(t, "their return is logged after they left", func() bool {
		events, _, err := p.desks[0].Events(t.Context(), p.agent, p.session, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return events[len(events)-1].Body.Type() == "returned"
	})
}
