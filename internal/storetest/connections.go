package storetest

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var connectionCases = map[string]func(*testing.T, *bench){
	"who is connected is here, away or gone":       testPresent,
	"who has no connection is absent":              testAbsent,
	"an absence is settled once":                   testSettled,
	"the connections of a dead node are lost":      testDeadNode,
	"a node that beats keeps its connections":      testLivingNode,
	"a node learns that it was taken for dead":     testTakenForDead,
	"a node that leaves takes its connections":     testLeavingNode,
	"many come and go at once":                     testStorm,
	"nobody connects to a session that is no more": testConnectNowhere,
	"agents are connected to their lists":          testConnectList,
}

func (b *bench) connect(connection string, node string, id deskside.SessionID, p deskside.ParticipantID, away bool) {
	b.t.Helper()
	must(b.t, "connect", b.Connect(b.t.Context(), deskside.Connection{ID: connection, Node: node, Session: id, Participant: p, Away: away}))
}

func (b *bench) disconnect(connection string) {
	b.t.Helper()
	must(b.t, "disconnect", b.Disconnect(b.t.Context(), connection))
}

func (b *bench) wantPresent(id deskside.SessionID, want ...deskside.PresenceOf) {
	b.t.Helper()
	got, err := b.Present(b.t.Context(), id)
	must(b.t, "present", err)
	byName := func(x, y deskside.PresenceOf) int { return len(x.Participant) - len(y.Participant) }
	slices.SortFunc(got, byName)
	slices.SortFunc(want, byName)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("presence (-want +got):\n%s", diff)
	}
}

func testPresent(t *testing.T, b *bench) {
	id, other := b.active(ada), b.active(ada)
	b.wantPresent(id)
	b.connect("c1", "n", id, enduse, true)
	b.wantPresent(id, deskside.PresenceOf{Participant: enduse, Presence: deskside.Away})
	b.connect("c2", "n", id, enduse, false)
	b.connect("c3", "n", id, asAda, false)
	here := deskside.PresenceOf{Participant: asAda, Presence: deskside.Here}
	b.wantPresent(id, here, deskside.PresenceOf{Participant: enduse, Presence: deskside.Here})
	b.connect("c2", "n", id, enduse, true)
	b.wantPresent(id, here, deskside.PresenceOf{Participant: enduse, Presence: deskside.Away})
	b.disconnect("c1")
	b.wantPresent(id, here, deskside.PresenceOf{Participant: enduse, Presence: deskside.Away})
	b.pass(time.Minute)
	b.disconnect("c2")
	b.disconnect("c2") // again, by a node that does not know
	b.wantPresent(id, here, deskside.PresenceOf{Participant: enduse, Presence: deskside.Offline, Since: b.now()})
	b.connect("c4", "n", id, enduse, false)
	b.wantPresent(id, here, deskside.PresenceOf{Participant: enduse, Presence: deskside.Here})
	b.wantPresent(other)
}

func (b *bench) wantAbsent(before time.Time, want ...deskside.Absence) {
	b.t.Helper()
	got, err := b.Absent(b.t.Context(), before)
	must(b.t, "absent", err)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("absent (-want +got):\n%s", diff)
	}
}

func testAbsent(t *testing.T, b *bench) {
	id := b.active(ada)
	b.connect("c1", "n", id, enduse, false)
	b.connect("c2", "n", id, enduse, false)
	b.pass(time.Minute)
	b.disconnect("c1")
	b.wantAbsent(b.now().Add(time.Hour))
	b.pass(time.Minute)
	b.disconnect("c2")
	b.wantAbsent(b.now())
	b.wantAbsent(b.now().Add(time.Second), deskside.Absence{Session: id, Participant: enduse, Since: b.now()})
	b.connect("c3", "n", id, enduse, false)
	b.wantAbsent(b.now().Add(time.Hour))
}

func testSettled(t *testing.T, b *bench) {
	id := b.active(ada)
	b.connect("c1", "n", id, enduse, false)
	b.disconnect("c1")
	gone := b.now()
	first := deskside.Absence{Session: id, Participant: enduse, Since: gone}
	must(t, "settle", b.Settle(t.Context(), first))
	b.wantAbsent(b.now().Add(time.Hour))
	b.wantPresent(id, deskside.PresenceOf{Participant: enduse, Presence: deskside.Offline, Since: gone})
	b.connect("c2", "n", id, enduse, false)
	b.pass(time.Minute)
	b.disconnect("c2")
	must(t, "settle what is over", b.Settle(t.Context(), first))
	b.wantAbsent(b.now().Add(time.Second), deskside.Absence{Session: id, Participant: enduse, Since: b.now()})
	must(t, "settle what is not", b.Settle(t.Context(), deskside.Absence{Session: "none", Participant: "nobody"}))
}

// beat beats, and wants to be known or not.
func (b *bench) beat(node string, wantKnown bool) {
	b.t.Helper()
	known, err := b.Beat(b.t.Context(), node)
	must(b.t, "beat", err)
	if known != wantKnown {
		b.t.Errorf("node %q was known: %t, want %t", node, known, wantKnown)
	}
}

// bereave wants those to have lost a connection.
func (b *bench) bereave(want ...deskside.Guest) {
	b.t.Helper()
	lost, err := b.Bereave(b.t.Context(), b.now().Add(-20*time.Second))
	must(b.t, "bereave", err)
	byName := func(x, y deskside.Guest) int { return strings.Compare(string(x.Participant), string(y.Participant)) }
	slices.SortFunc(lost, byName)
	slices.SortFunc(want, byName)
	if !slices.EqualFunc(lost, want, func(x, y deskside.Guest) bool { return x.Session == y.Session && x.Participant == y.Participant }) {
		b.t.Errorf("%v have lost connections, want %v", lost, want)
	}
}

func testDeadNode(t *testing.T, b *bench) {
	ctx := t.Context()
	id := b.active(ada)
	b.beat("dead", false)
	b.beat("alive", false)
	b.connect("c1", "dead", id, enduse, false)
	b.connect("c2", "dead", id, asAda, false)
	b.connect("c3", "alive", id, asAda, false)
	b.connect("c4", "never beat", id, "third", false)
	b.connect("c5", "dead", "", asAda, false)
	b.pass(30 * time.Second)
	b.beat("alive", true)
	b.bereave(deskside.Guest{Session: id, Participant: enduse}, deskside.Guest{Session: id, Participant: asAda}, deskside.Guest{Session: id, Participant: "third"})
	b.bereave()
	b.wantPresent("")
	present, err := b.Present(ctx, id)
	must(t, "present", err)
	got := make(map[deskside.ParticipantID]deskside.Presence)
	for _, p := range present {
		got[p.Participant] = p.Presence
	}
	want := map[deskside.ParticipantID]deskside.Presence{enduse: deskside.Offline, asAda: deskside.Here, "third": deskside.Offline}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("presence (-want +got):\n%s", diff)
	}
	b.pass(time.Hour)
	absent, err := b.Absent(ctx, b.now())
	if err != nil || len(absent) != 2 {
		t.Errorf("absent %v, %v, want two", absent, err)
	}
}

func testLivingNode(t *testing.T, b *bench) {
	id := b.active(ada)
	b.connect("c1", "node", id, enduse, false)
	b.beat("node", false)
	for range 10 {
		b.pass(10 * time.Second)
		b.beat("node", true)
		b.bereave()
	}
	b.wantPresent(id, deskside.PresenceOf{Participant: enduse, Presence: deskside.Here})
	b.wantAbsent(b.now().Add(time.Hour))
}

func testTakenForDead(t *testing.T, b *bench) {
	b.beat("slow", false)
	b.beat("other", false)
	b.pass(30 * time.Second)
	b.beat("other", true)
	b.bereave()
	b.beat("slow", false)
	b.beat("slow", true)
}

func testLeavingNode(t *testing.T, b *bench) {
	id := b.active(ada)
	b.beat("stays", false)
	b.beat("leaves", false)
	b.connect("c1", "leaves", id, enduse, false)
	b.connect("c2", "stays", id, asAda, false)
	lost, err := b.Leave(t.Context(), "leaves")
	must(t, "leave", err)
	if diff := cmp.Diff([]deskside.Guest{{Session: id, Participant: enduse}}, lost); diff != "" {
		t.Errorf("who lost a connection (-want +got):\n%s", diff)
	}
	b.wantPresent(id, deskside.PresenceOf{Participant: asAda, Presence: deskside.Here},
		deskside.PresenceOf{Participant: enduse, Presence: deskside.Offline, Since: b.now()})
	b.beat("leaves", false)
	b.beat("stays", true)
	_, err = b.Leave(t.Context(), "unknown")
	must(t, "leave as nobody", err)
}

func testStorm(t *testing.T, b *bench) {
	id := b.active(ada)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			c := deskside.Connection{ID: deskside.NewID(), Node: "n", Session: id, Participant: enduse}
			if err := b.Connect(t.Context(), c); err != nil {
				t.Error(err)
			}
			if err := b.Disconnect(t.Context(), c.ID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.wantPresent(id, deskside.PresenceOf{Participant: enduse, Presence: deskside.Offline, Since: b.now()})
}

func testConnectNowhere(t *testing.T, b *bench) {
	err := b.Connect(t.Context(), deskside.Connection{ID: "c", Node: "n", Session: "none", Participant: enduse})
	wantCode(t, "connect", err, deskside.CodeNotFound)
}

func testConnectList(t *testing.T, b *bench) {
	b.connect("l1", "n1", "", asAda, false)
	b.connect("l2", "n1", "", asAda, false)
	b.wantPresent("", deskside.PresenceOf{Participant: asAda, Presence: deskside.Here})
	b.disconnect("l1")
	b.wantPresent("", deskside.PresenceOf{Participant: asAda, Presence: deskside.Here})
	b.disconnect("l2")
	b.wantPresent("")
	if absent, err := b.Absent(t.Context(), b.now().Add(time.Hour)); err != nil || len(absent) != 0 {
		t.Errorf("a closed list left an absence: %v, %v", absent, err)
	}
}
