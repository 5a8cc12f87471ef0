// Package storetest holds the tests that every store passes, whatever engine
// it stands on.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
	"deskside/internal/access"
	"deskside/internal/desk"
)

// A Store is everything that a server keeps.
type Store interface {
	desk.Store
	access.Store
	Close() error
}

// An Opener opens the same store each time it is called within a test.
type Opener func(t *testing.T, clock func() time.Time) Store

// Run tests a store.
func Run(t *testing.T, opener func(t *testing.T) Opener) {
	for name, test := range map[string]func(*testing.T, *bench){
		"numbers have no gap":            numbers,
		"a refusal stores nothing":       refusal,
		"nothing is seen before":         isolation,
		"all is there again":             reopening,
		"a clock that is set back":       clockBack,
		"keys":                           keys,
		"sealed keys are wiped":          sealed,
		"credentials":                    guests,
		"presence":                       presence,
		"a node that is gone":            deadNode,
		"lists":                          lists,
		"history":                        history,
		"search takes any words":         search,
		"marks never fall":               marks,
		"attempts":                       attempts,
		"the end of the log":             tail,
		"forgetting":                     forgetting,
		"accounts":                       accounts,
		"the first account":              firstAccount,
		"logins":                         logins,
		"a decision that panics":         panics,
		"a session that does not exist":  missing,
		"many sessions at the same time": many,
	} {
		t.Run(name, func(t *testing.T) {
			open := opener(t)
			b := &bench{now: time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)}
			b.reopen = func() {
				if b.Store != nil {
					must(t, b.Close())
				}
				b.Store = open(t, b.clock)
			}
			b.reopen()
			t.Cleanup(func() { must(t, b.Close()) })
			test(t, b)
		})
	}
}

// A bench is a store to test, and its clock.
type bench struct {
	Store
	reopen func()

	mu  sync.Mutex // guards now
	now time.Time
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(deskside.Event{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func wantCode(t *testing.T, what string, err error, want deskside.Code) {
	t.Helper()
	if deskside.CodeOf(err) != want {
		t.Errorf("%s: %v, want code %q", what, err, want)
	}
}

// create makes a session of the agent, with a key.
func (b *bench) create(t *testing.T, id deskside.SessionID, agent deskside.AgentID) {
	t.Helper()
	_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{
			Events: []deskside.Event{{By: deskside.ParticipantID(agent), Body: &deskside.Created{Agent: agent, AgentName: "Ada", Expires: b.clock().Add(time.Hour)}}},
			Key:    &deskside.Key{Session: id, Generation: 1, DigitsMAC: []byte("digits of " + id), LinkMAC: []byte("link of " + id), Sealed: []byte("sealed")},
		}, nil
	})
	must(t, err)
}

// add stores events of one participant.
func (b *bench) add(t *testing.T, id deskside.SessionID, by deskside.ParticipantID, bodies ...deskside.Body) []deskside.Event {
	t.Helper()
	events, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) { return change(by, bodies...), nil })
	must(t, err)
	return events
}

func change(by deskside.ParticipantID, bodies ...deskside.Body) (c deskside.Change) {
	for _, body := range bodies {
		c.Events = append(c.Events, deskside.Event{By: by, Body: body})
	}
	return c
}

func arrived(p deskside.ParticipantID) deskside.Body {
	return &deskside.Arrived{Participant: p, Role: deskside.RoleEndUser, Via: deskside.ViaLink}
}

func numbers(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	const writers, each = 20, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				_, err := b.Update(t.Context(), "s", func(*deskside.Session) (deskside.Change, error) {
					return change("ada", &deskside.Message{Text: fmt.Sprintf("%d of %d", n, w)}), nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	events, err := b.Events(t.Context(), "s", 0, 1000)
	must(t, err)
	same(t, "how many events", 1+writers*each, len(events))
	said := make(map[string]int)
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
		if m, ok := e.Body.(*deskside.Message); ok {
			said[m.Text]++
		}
	}
	for text, times := range said {
		if times != 1 {
			t.Errorf("%q stands there %d times", text, times)
		}
	}
}

func refusal(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	own := errors.New("of the caller")
	for _, want := range []error{own, deskside.Errorf(deskside.CodeTooLate, "No.")} {
		_, err := b.Update(t.Context(), "s", func(*deskside.Session) (deskside.Change, error) {
			return change("ada", &deskside.Message{Text: "never"}), want
		})
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	_, err := b.Update(t.Context(), "s", func(*deskside.Session) (deskside.Change, error) { return deskside.Change{}, nil })
	must(t, err)
	events, err := b.Events(t.Context(), "s", 0, 10)
	must(t, err)
	same(t, "events", 1, len(events))
}

// isolation looks at a session while it grows: what View shows is stored.
func isolation(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		defer cancel()
		for range 200 {
			b.add(t, "s", "ada", &deskside.Message{Text: "x"})
		}
	})
	for ctx.Err() == nil {
		var number int64
		must(t, b.View(t.Context(), "s", func(s *deskside.Session) error { number = s.Number; return nil }))
		events, err := b.Events(t.Context(), "s", number-1, 1)
		must(t, err)
		if len(events) != 1 || events[0].Seq != number {
			t.Fatalf("View shows number %d, the log has %v", number, events)
		}
	}
	wg.Wait()
}

func reopening(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	b.add(t, "s", "guest", arrived("guest"), &deskside.Message{Text: "Grüße 😀"})
	before, err := b.Events(t.Context(), "s", 0, 10)
	must(t, err)
	b.reopen()
	after, err := b.Events(t.Context(), "s", 0, 10)
	must(t, err)
	same(t, "events", before, after)
	more := b.add(t, "s", "guest", &deskside.Message{Text: "still here"})
	same(t, "the next number", int64(4), more[0].Seq)
	must(t, b.View(t.Context(), "s", func(s *deskside.Session) error {
		same(t, "last text", "still here", s.LastText)
		return nil
	}))
}

func clockBack(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	first := b.add(t, "s", "ada", &deskside.Message{Text: "one"})
	b.pass(-time.Hour)
	second := b.add(t, "s", "ada", &deskside.Message{Text: "two"})
	if second[0].At.Before(first[0].At) {
		t.Errorf("the second event is from %s, the first from %s", second[0].At, first[0].At)
	}
}

func keys(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	for what, find := range map[string]func() (deskside.Key, error){
		"by digits": func() (deskside.Key, error) { return b.KeyByDigits(t.Context(), []byte("digits of s")) },
		"by link":   func() (deskside.Key, error) { return b.KeyByLink(t.Context(), []byte("link of s")) },
		"newest":    func() (deskside.Key, error) { return b.KeyOf(t.Context(), "s") },
	} {
		k, err := find()
		must(t, err)
		want := deskside.Key{Session: "s", Generation: 1, DigitsMAC: []byte("digits of s"), LinkMAC: []byte("link of s"), Sealed: []byte("sealed")}
		same(t, what, want, k)
	}
	_, err := b.KeyByDigits(t.Context(), []byte("nobody's"))
	wantCode(t, "unknown digits", err, deskside.CodeNotFound)

	_, err = b.Update(t.Context(), "t", func(*deskside.Session) (deskside.Change, error) {
		c := change("ada", &deskside.Created{Agent: "ada"})
		c.Key = &deskside.Key{Session: "t", Generation: 1, DigitsMAC: []byte("digits of s"), LinkMAC: []byte("another")}
		return c, nil
	})
	if !errors.Is(err, deskside.ErrKeyTaken) {
		t.Errorf("digits that are taken: %v", err)
	}
	wantCode(t, "the session that they were for", b.View(t.Context(), "t", func(*deskside.Session) error { return nil }), deskside.CodeNotFound)

	for want := 1; want <= 3; want++ {
		visits, err := b.CountVisit(t.Context(), []byte("link of s"))
		must(t, err)
		same(t, "visits", want, visits)
	}
}

func sealed(t *testing.T, b *bench) {
	for i, test := range []struct {
		body deskside.Body
		want []byte
	}{
		{&deskside.KeyExpired{}, []byte("sealed")},
		{&deskside.KeyExtended{Expires: b.clock().Add(2 * time.Hour)}, []byte("sealed")},
		{&deskside.Message{Text: "x"}, []byte("sealed")},
		{&deskside.KeyRevoked{}, nil},
		{arrived("guest"), nil},
		{&deskside.Ended{Reason: deskside.EndedByAgent}, nil},
	} {
		id := deskside.SessionID(fmt.Sprint("s", i))
		b.create(t, id, "ada")
		b.add(t, id, "ada", test.body)
		k, err := b.KeyOf(t.Context(), id)
		must(t, err)
		same(t, "sealed after "+test.body.Type(), test.want, k.Sealed)
	}
	b.create(t, "r", "ada")
	_, err := b.Update(t.Context(), "r", func(*deskside.Session) (deskside.Change, error) {
		c := change("ada", &deskside.KeyRenewed{Expires: b.clock().Add(time.Hour)})
		c.Key = &deskside.Key{Session: "r", Generation: 2, DigitsMAC: []byte("new digits"), LinkMAC: []byte("new link"), Sealed: []byte("new")}
		return c, nil
	})
	must(t, err)
	old, err := b.KeyByLink(t.Context(), []byte("link of r"))
	must(t, err)
	same(t, "the replaced key", []byte(nil), old.Sealed)
	fresh, err := b.KeyOf(t.Context(), "r")
	must(t, err)
	same(t, "the new key", []byte("new"), fresh.Sealed)
}

func guests(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	store := func(mac string, drop []byte) {
		_, err := b.Update(t.Context(), "s", func(*deskside.Session) (deskside.Change, error) {
			c := change("guest", arrived("guest"))
			c.Guest, c.Drop = &deskside.Guest{MAC: []byte(mac), Session: "s", Participant: "guest"}, drop
			return c, nil
		})
		must(t, err)
	}
	store("old", nil)
	g, err := b.GuestByMAC(t.Context(), []byte("old"))
	must(t, err)
	same(t, "the credential", deskside.Guest{MAC: []byte("old"), Session: "s", Participant: "guest"}, g)
	store("new", []byte("old"))
	_, err = b.GuestByMAC(t.Context(), []byte("old"))
	wantCode(t, "the replaced credential", err, deskside.CodeNotFound)
	_, err = b.GuestByMAC(t.Context(), []byte("new"))
	must(t, err)
}

func presence(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	must(t, b.Beat(t.Context(), "node", b.clock().Add(-time.Minute)))
	c := deskside.Connection{ID: "c1", Node: "node", Session: "s", Participant: "guest"}
	must(t, b.Connect(t.Context(), c))
	second := c
	second.ID, second.Away = "c2", true
	must(t, b.Connect(t.Context(), second))
	b.present(t, deskside.PresenceOf{Participant: "guest", Presence: deskside.Here})
	c.Away = true
	must(t, b.Connect(t.Context(), c))
	b.present(t, deskside.PresenceOf{Participant: "guest", Presence: deskside.Away})
	must(t, b.Disconnect(t.Context(), "c1"))
	b.present(t, deskside.PresenceOf{Participant: "guest", Presence: deskside.Away})
	must(t, b.Disconnect(t.Context(), "c2"))
	must(t, b.Disconnect(t.Context(), "c2")) // told twice
	gone := b.clock()
	b.present(t, deskside.PresenceOf{Participant: "guest", Presence: deskside.Offline, Since: gone})

	b.pass(time.Minute)
	absent, err := b.Absent(t.Context(), b.clock().Add(-30*time.Second))
	must(t, err)
	same(t, "absent", []deskside.Guest{{Session: "s", Participant: "guest"}}, absent)
	must(t, b.Settle(t.Context(), "s", "guest"))
	absent, err = b.Absent(t.Context(), b.clock())
	must(t, err)
	same(t, "absent once settled", 0, len(absent))
	b.present(t, deskside.PresenceOf{Participant: "guest", Presence: deskside.Offline, Since: gone})
	must(t, b.Connect(t.Context(), c))
	b.present(t, deskside.PresenceOf{Participant: "guest", Presence: deskside.Away})
}

func (b *bench) present(t *testing.T, want ...deskside.PresenceOf) {
	t.Helper()
	got, err := b.Present(t.Context(), "s")
	must(t, err)
	same(t, "present", want, got)
}

func deadNode(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	must(t, b.Beat(t.Context(), "dies", b.clock().Add(-time.Minute)))
	must(t, b.Beat(t.Context(), "lives", b.clock().Add(-time.Minute)))
	for _, node := range []string{"dies", "lives"} {
		must(t, b.Connect(t.Context(), deskside.Connection{ID: node, Node: node, Session: "s", Participant: deskside.ParticipantID("on " + node)}))
	}
	b.pass(2 * time.Minute)
	must(t, b.Beat(t.Context(), "lives", b.clock().Add(-time.Minute)))
	b.present(t,
		deskside.PresenceOf{Participant: "on lives", Presence: deskside.Here},
		deskside.PresenceOf{Participant: "on dies", Presence: deskside.Offline, Since: b.clock()})
}

func lists(t *testing.T, b *bench) {
	b.create(t, "one", "ada")
	b.create(t, "two", "bob")
	b.create(t, "three", "ada")
	b.add(t, "three", "ada", &deskside.Ended{Reason: deskside.EndedByAgent})
	open := func(agent deskside.AgentID) []deskside.SessionID {
		ids, err := b.OpenSessions(t.Context(), agent)
		must(t, err)
		return ids
	}
	same(t, "Ada's", []deskside.SessionID{"one"}, open("ada"))
	same(t, "all", []deskside.SessionID{"two", "one"}, open(""))

	overdue := func() []deskside.SessionID {
		ids, err := b.Overdue(t.Context(), b.clock())
		must(t, err)
		slices.Sort(ids)
		return ids
	}
	same(t, "overdue too early", 0, len(overdue()))
	b.add(t, "one", "guest", arrived("guest"))
	b.pass(time.Hour)
	same(t, "overdue", []deskside.SessionID{"two"}, overdue())
	b.add(t, "two", "", &deskside.KeyExpired{})
	same(t, "overdue once logged", 0, len(overdue()))
	b.add(t, "two", "bob", &deskside.KeyExtended{Expires: b.clock().Add(time.Minute)})
	b.pass(time.Hour)
	same(t, "overdue again", []deskside.SessionID{"two"}, overdue())

	must(t, b.Beat(t.Context(), "node", b.clock().Add(-time.Minute)))
	must(t, b.Connect(t.Context(), deskside.Connection{ID: "c", Node: "node", Session: "one", Participant: "guest"}))
	idle, err := b.Idle(t.Context(), b.clock())
	must(t, err)
	same(t, "idle", []deskside.SessionID{"two"}, idle)
	must(t, b.Disconnect(t.Context(), "c"))
	idle, err = b.Idle(t.Context(), b.clock())
	must(t, err)
	same(t, "idle since just now", []deskside.SessionID{"two"}, idle)
}

func (b *bench) find(t *testing.T, q deskside.HistoryQuery) (ids []deskside.SessionID, snippets []string) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 50
	}
	found, err := b.History(t.Context(), q)
	must(t, err)
	for _, f := range found {
		ids = append(ids, f.ID)
		var snippet strings.Builder
		for _, part := range f.Snippet {
			if part.Hit {
				snippet.WriteString("[" + part.Text + "]")
			} else {
				snippet.WriteString(part.Text)
			}
		}
		snippets = append(snippets, snippet.String())
	}
	return ids, snippets
}

func history(t *testing.T, b *bench) {
	for i, agent := range []deskside.AgentID{"ada", "bob", "ada"} {
		id := deskside.SessionID(fmt.Sprint("s", i))
		b.create(t, id, agent)
		b.add(t, id, "guest", arrived("guest"), &deskside.Message{Text: fmt.Sprintf("The printer jams, case %d", i)})
		b.pass(time.Minute)
		b.add(t, id, "ada", &deskside.Ended{Reason: deskside.EndedByAgent})
	}
	b.create(t, "open", "ada")
	b.add(t, "open", "guest", arrived("guest"), &deskside.Message{Text: "The printer jams too"})

	all, _ := b.find(t, deskside.HistoryQuery{})
	same(t, "all, newest first", []deskside.SessionID{"s2", "s1", "s0"}, all)
	own, _ := b.find(t, deskside.HistoryQuery{Agent: "ada"})
	same(t, "Ada's", []deskside.SessionID{"s2", "s0"}, own)
	page, _ := b.find(t, deskside.HistoryQuery{Limit: 1})
	same(t, "first page", []deskside.SessionID{"s2"}, page)
	older, _ := b.find(t, deskside.HistoryQuery{Before: b.clock()})
	same(t, "before the last one", []deskside.SessionID{"s1", "s0"}, older)
	hit, snippets := b.find(t, deskside.HistoryQuery{Text: "PRINT", Agent: "bob"})
	same(t, "searched", []deskside.SessionID{"s1"}, hit)
	if !strings.Contains(snippets[0], "[printer]") {
		t.Errorf("snippet %q", snippets[0])
	}

	b.add(t, "s1", "bob", &deskside.Summarized{Note: "Wrong paper", Outcome: deskside.OutcomeResolved, Tags: []string{"drucker"}})
	summarized, _ := b.find(t, deskside.HistoryQuery{Text: "drucker"})
	same(t, "by a tag given after the end", []deskside.SessionID{"s1"}, summarized)
	found, err := b.History(t.Context(), deskside.HistoryQuery{Text: "paper", Limit: 5})
	must(t, err)
	same(t, "outcome in the list", deskside.OutcomeResolved, found[0].Outcome)
}

func search(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	posted := b.add(t, "s", "guest", arrived("guest"),
		&deskside.Message{Text: `Größe "XL" OR nothing`}, &deskside.Message{Text: "secret word hunter2"}, &deskside.Message{Text: "old text"})
	b.add(t, "s", "guest", &deskside.Withdrawn{Message: posted[2].Seq}, &deskside.Edited{Message: posted[3].Seq, Text: "corrected text"})
	b.add(t, "s", "ada", &deskside.Ended{Reason: deskside.EndedByAgent})
	for _, test := range []struct {
		text string
		hit  bool
	}{
		{"größe", true}, {"grosse", false}, {"grö", true}, {"groß", true}, {`"XL"`, true}, {"XL größe", true}, {"corr", true},
		{"hunter2", false}, {"old", false}, {"absent", false}, {"größe absent", false},
		{`"`, false}, {`a" OR "b`, false}, {"NOT größe", false}, {"body:größe", false}, {"*", false}, {"(", false}, {"^größe", true}, {"\x00", true}, {"  ", true},
	} {
		ids, _ := b.find(t, deskside.HistoryQuery{Text: test.text})
		if (len(ids) == 1) != test.hit {
			t.Errorf("%q found %v, want a hit: %t", test.text, ids, test.hit)
		}
	}
}

func marks(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	m, err := b.Mark(t.Context(), "s", "guest", deskside.Marks{Delivered: 5, Read: 3})
	must(t, err)
	same(t, "raised", deskside.Marks{Delivered: 5, Read: 3}, m)
	m, err = b.Mark(t.Context(), "s", "guest", deskside.Marks{Delivered: 2, Read: 4})
	must(t, err)
	same(t, "never lower", deskside.Marks{Delivered: 5, Read: 4}, m)
	m, err = b.Mark(t.Context(), "s", "guest", deskside.Marks{Read: 9})
	must(t, err)
	same(t, "what is read was delivered", deskside.Marks{Delivered: 9, Read: 9}, m)
	all, err := b.Marks(t.Context(), "s")
	must(t, err)
	same(t, "all", map[deskside.ParticipantID]deskside.Marks{"guest": {Delivered: 9, Read: 9}}, all)
}

func attempts(t *testing.T, b *bench) {
	key := deskside.Attempt{Kind: "key", Subject: "192.0.2.1/32"}
	must(t, b.AddAttempts(t.Context(), key, deskside.Attempt{Kind: "key"}, deskside.Attempt{Kind: "password", Subject: key.Subject}))
	start := b.clock()
	b.pass(time.Minute)
	must(t, b.AddAttempts(t.Context(), key))
	for _, test := range []struct {
		since time.Time
		want  int
	}{{start, 2}, {start.Add(time.Second), 1}, {start.Add(time.Hour), 0}} {
		n, err := b.CountAttempts(t.Context(), key, test.since)
		must(t, err)
		same(t, "attempts", test.want, n)
	}
}

func tail(t *testing.T, b *bench) {
	b.create(t, "one", "ada")
	hints, position, err := b.Tail(t.Context(), -1)
	must(t, err)
	same(t, "hints at the beginning", 0, len(hints))
	b.add(t, "one", "ada", &deskside.Message{Text: "x"}, &deskside.Message{Text: "y"})
	b.create(t, "two", "ada")
	hints, position, err = b.Tail(t.Context(), position)
	must(t, err)
	slices.SortFunc(hints, func(a, b deskside.Hint) int { return strings.Compare(string(a.Session), string(b.Session)) })
	same(t, "hints", []deskside.Hint{{Session: "one", Number: 3}, {Session: "two", Number: 1}}, hints)
	hints, _, err = b.Tail(t.Context(), position)
	must(t, err)
	same(t, "hints once read", 0, len(hints))
}

func forgetting(t *testing.T, b *bench) {
	for _, id := range []deskside.SessionID{"old", "new", "open"} {
		b.create(t, id, "ada")
		b.add(t, id, "guest", arrived("guest"), &deskside.Message{Text: "words of " + string(id)})
	}
	b.add(t, "old", "ada", &deskside.Ended{Reason: deskside.EndedByAgent})
	b.pass(time.Hour)
	b.add(t, "new", "ada", &deskside.Ended{Reason: deskside.EndedByAgent})
	n, err := b.Forget(t.Context(), b.clock().Add(-time.Minute), b.clock())
	must(t, err)
	same(t, "forgotten", 1, n)
	wantCode(t, "the old one", b.View(t.Context(), "old", func(*deskside.Session) error { return nil }), deskside.CodeNotFound)
	_, err = b.KeyByLink(t.Context(), []byte("link of old"))
	wantCode(t, "its link", err, deskside.CodeNotFound)
	ids, _ := b.find(t, deskside.HistoryQuery{Text: "words"})
	same(t, "history", []deskside.SessionID{"new"}, ids)
	must(t, b.View(t.Context(), "open", func(*deskside.Session) error { return nil }))
}

func panics(t *testing.T, b *bench) {
	b.create(t, "s", "ada")
	_, err := b.Update(t.Context(), "s", func(*deskside.Session) (deskside.Change, error) { panic("a defect") })
	if err == nil || !strings.Contains(err.Error(), "a defect") {
		t.Errorf("got %v", err)
	}
	b.add(t, "s", "ada", &deskside.Message{Text: "all is well"})
}

func missing(t *testing.T, b *bench) {
	wantCode(t, "View", b.View(t.Context(), "none", func(*deskside.Session) error { return nil }), deskside.CodeNotFound)
	_, err := b.KeyOf(t.Context(), "none")
	wantCode(t, "KeyOf", err, deskside.CodeNotFound)
	wantCode(t, "Connect", b.Connect(t.Context(), deskside.Connection{ID: "c", Session: "none"}), deskside.CodeNotFound)
	_, err = b.Update(t.Context(), "none", func(s *deskside.Session) (deskside.Change, error) {
		if s.Number != 0 || s.ID != "none" {
			t.Errorf("decide got %+v", s)
		}
		return deskside.Change{}, nil
	})
	must(t, err)
	events, err := b.Events(t.Context(), "none", 0, 1)
	must(t, err)
	same(t, "events", 0, len(events))
}

func many(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			id := deskside.SessionID(fmt.Sprint("s", i))
			b.create(t, id, "ada")
			for range 10 {
				b.add(t, id, "ada", &deskside.Message{Text: "x"})
			}
		})
	}
	wg.Wait()
	for i := range 40 {
		must(t, b.View(t.Context(), deskside.SessionID(fmt.Sprint("s", i)), func(s *deskside.Session) error {
			same(t, "number", int64(11), s.Number)
			return nil
		}))
	}
}
