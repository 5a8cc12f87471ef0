package storetest

import (
	"slices"
	"testing"
	"time"

	"deskside"
)

var listCases = map[string]func(*testing.T, *bench){
	"open sessions, newest first, of one agent or all": testOpenSessions,
	"keys that ran out and are not logged":             testOverdue,
	"sessions to which nobody has been connected":      testIdle,
}

func wantSessions(t *testing.T, what string, got []deskside.SessionID, err error, want ...deskside.SessionID) {
	t.Helper()
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: %v, %v, want %v", what, got, err, want)
	}
}

func testOpenSessions(t *testing.T, b *bench) {
	var ids []deskside.SessionID
	for _, agent := range []deskside.AgentID{ada, bea, ada} {
		ids = append(ids, b.start(agent))
		b.pass(time.Second)
	}
	over := b.ended(ada)
	open := func(agent deskside.AgentID, want ...deskside.SessionID) {
		t.Helper()
		got, err := b.OpenSessions(t.Context(), agent)
		wantSessions(t, "open sessions of "+string(agent), got, err, want...)
	}
	open("", ids[2], ids[1], ids[0])
	open(ada, ids[2], ids[0])
	open(bea, ids[1])
	open("nobody")
	b.do(ids[2], asAda, &deskside.Ended{Reason: deskside.EndedByAgent})
	b.do(over, enduse, &deskside.Rated{Rating: deskside.RatingGood})
	open(ada, ids[0])
}

func testOverdue(t *testing.T, b *bench) {
	waiting := b.start(ada)
	b.active(ada)
	revoked := b.start(ada)
	b.do(revoked, asAda, &deskside.KeyRevoked{})
	b.ended(ada)
	overdue := func(want ...deskside.SessionID) {
		t.Helper()
		got, err := b.Overdue(t.Context(), b.now())
		wantSessions(t, "overdue", got, err, want...)
	}
	overdue()
	b.pass(keyLife)
	overdue(waiting)
	b.do(waiting, "", &deskside.KeyExpired{})
	overdue()
	b.do(waiting, asAda, &deskside.KeyExtended{Expires: deskside.Timestamp(b.now().Add(keyLife))})
	overdue()
	b.pass(keyLife)
	b.do(waiting, asAda, &deskside.Invited{Via: "link"}, &deskside.Noted{Text: "still waits"})
	overdue(waiting)
}

func testIdle(t *testing.T, b *bench) {
	never, left, here, over := b.start(ada), b.active(ada), b.active(ada), b.ended(ada)
	b.connect("c1", "n", left, enduse, false)
	b.connect("c2", "n", here, enduse, false)
	b.connect("c3", "n", over, enduse, false)
	b.disconnect("c3")
	b.pass(10 * time.Hour)
	b.disconnect("c1")
	idle := func(want ...deskside.SessionID) {
		t.Helper()
		got, err := b.Idle(t.Context(), b.now().Add(-24*time.Hour))
		slices.Sort(got)
		slices.Sort(want)
		wantSessions(t, "idle", got, err, want...)
	}
	b.pass(13 * time.Hour)
	idle()
	b.pass(2 * time.Hour)
	idle(never)
	b.pass(10 * time.Hour)
	idle(never, left)
	b.do(never, "", &deskside.Ended{Reason: deskside.EndedAbandoned})
	idle(left)
}
