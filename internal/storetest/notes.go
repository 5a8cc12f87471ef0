package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var noteCases = map[string]func(*testing.T, *bench){
	"marks rise and never fall":             testMarks,
	"marks are raised from many pages":      testMarksAtOnce,
	"attempts are counted by whom and when": testAttempts,
}

func testMarks(t *testing.T, b *bench) {
	id := b.active(ada)
	for _, step := range []struct{ raise, want deskside.Marks }{
		{deskside.Marks{Delivered: 3}, deskside.Marks{Delivered: 3}},
		{deskside.Marks{Read: 2}, deskside.Marks{Delivered: 3, Read: 2}},
		{deskside.Marks{Delivered: 1, Read: 1}, deskside.Marks{Delivered: 3, Read: 2}},
		{deskside.Marks{Read: 7}, deskside.Marks{Delivered: 7, Read: 7}},
	} {
		if got, err := b.Mark(t.Context(), id, enduse, step.raise); err != nil || got != step.want {
			t.Errorf("raised by %+v: %+v, %v, want %+v", step.raise, got, err, step.want)
		}
	}
	_, err := b.Mark(t.Context(), id, asAda, deskside.Marks{Delivered: 1})
	must(t, "mark", err)
	want := map[deskside.ParticipantID]deskside.Marks{enduse: {Delivered: 7, Read: 7}, asAda: {Delivered: 1}}
	if got, err := b.Marks(t.Context(), id); err != nil || !cmp.Equal(got, want) {
		t.Errorf("marks %v, %v, want %v", got, err, want)
	}
	if got, err := b.Marks(t.Context(), b.active(ada)); err != nil || len(got) != 0 {
		t.Errorf("another session's marks %v, %v", got, err)
	}
	_, err = b.Mark(t.Context(), "none", enduse, deskside.Marks{Read: 1})
	wantCode(t, "mark in no session", err, deskside.CodeNotFound)
}

func testMarksAtOnce(t *testing.T, b *bench) {
	id := b.active(ada)
	var wg sync.WaitGroup
	for i := range int64(50) {
		wg.Go(func() {
			if got, err := b.Mark(t.Context(), id, enduse, deskside.Marks{Delivered: i}); err != nil || got.Delivered < i {
				t.Errorf("raised to %d: %+v, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	if got, err := b.Marks(t.Context(), id); err != nil || got[enduse].Delivered != 49 {
		t.Errorf("marks %v, %v", got, err)
	}
}

func testAttempts(t *testing.T, b *bench) {
	ctx := t.Context()
	begin := b.now()
	key, server, password := deskside.Attempt{Kind: "key", Subject: "192.0.2.0/24"}, deskside.Attempt{Kind: "key"}, deskside.Attempt{Kind: "password", Subject: "192.0.2.0/24"}
	for range 3 {
		must(t, "add attempts", b.AddAttempts(ctx, key, server))
		b.pass(time.Minute)
	}
	must(t, "add attempts", b.AddAttempts(ctx, password, password))
	must(t, "add no attempts", b.AddAttempts(ctx))
	for i, want := range []struct {
		a     deskside.Attempt
		since time.Time
		n     int
	}{
		{key, begin, 3}, {key, begin.Add(time.Minute), 2}, {key, b.now(), 0}, {server, begin, 3}, {password, begin, 2},
		{deskside.Attempt{Kind: "key", Subject: "other"}, begin, 0},
	} {
		if got, err := b.CountAttempts(ctx, want.a, want.since); err != nil || got != want.n {
			t.Errorf("count %d: %d, %v, want %d", i, got, err, want.n)
		}
	}
	_, err := b.Forget(ctx, begin, begin.Add(90*time.Second))
	must(t, "forget", err)
	if got, err := b.CountAttempts(ctx, key, begin); err != nil || got != 1 {
		t.Errorf("after forgetting: %d, %v, want 1", got, err)
	}
}

var forgetCases = map[string]func(*testing.T, *bench){
	"only sessions that ended long ago": testForget,
	"nothing of them is left":           testForgetAll,
	"many at once":                      testForgetMany,
}

func testForget(t *testing.T, b *bench) {
	old := b.ended(ada, "ancient")
	open := b.active(ada)
	b.pass(time.Hour)
	fresh := b.ended(ada, "recent")
	n, err := b.Forget(t.Context(), b.now().Add(-time.Minute), b.now())
	if err != nil || n != 1 {
		t.Fatalf("forgot %d, %v, want 1", n, err)
	}
	wantCode(t, "the old session", b.View(t.Context(), old, func(*deskside.Session) error { return nil }), deskside.CodeNotFound)
	b.wantFound("", fresh)
	b.wantFound("ancient")
	b.do(open, enduse, &deskside.Message{Text: "goes on"})
	checkFolds(t, b, open)
	checkFolds(t, b, fresh)
}

func testForgetAll(t *testing.T, b *bench) {
	ctx := t.Context()
	id := deskside.SessionID(deskside.NewID())
	key := b.key(id, 1)
	_, err := b.Update(ctx, id, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Events: []deskside.Event{b.created(ada)}, Key: key, Guest: &deskside.Guest{MAC: []byte("mac"), Session: id, Participant: enduse}}, nil
	})
	must(t, "start", err)
	b.connect("c1", "n", id, enduse, false)
	b.connect("c2", "n", id, asAda, false)
	b.disconnect("c1")
	_, err = b.Mark(ctx, id, enduse, deskside.Marks{Read: 1})
	must(t, "mark", err)
	b.do(id, asAda, &deskside.Ended{Reason: deskside.EndedByAgent})
	b.pass(time.Hour)
	if n, err := b.Forget(ctx, b.now(), b.now()); err != nil || n != 1 {
		t.Fatalf("forgot %d, %v, want 1", n, err)
	}
	_, err = b.KeyByDigits(ctx, key.DigitsMAC)
	wantCode(t, "digits", err, deskside.CodeNotFound)
	_, err = b.KeyByLink(ctx, key.LinkMAC)
	wantCode(t, "link", err, deskside.CodeNotFound)
	_, err = b.GuestByMAC(ctx, []byte("mac"))
	wantCode(t, "credential", err, deskside.CodeNotFound)
	if events, err := b.Events(ctx, id, 0, 10); len(events) != 0 {
		t.Errorf("events %v, %v", events, err)
	}
	b.wantPresent(id)
	b.wantAbsent(b.now().Add(time.Hour))
	if marks, err := b.Marks(ctx, id); len(marks) != 0 {
		t.Errorf("marks %v, %v", marks, err)
	}
	_, err = b.Update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
		if s.Number != 0 {
			t.Errorf("the session is still folded, at %d", s.Number)
		}
		return deskside.Change{}, nil
	})
	must(t, "look", err)
}

func testForgetMany(t *testing.T, b *bench) {
	const sessions = 120
	for i := range sessions {
		b.ended(ada, fmt.Sprintf("text %d", i))
	}
	b.pass(time.Hour)
	if n, err := b.Forget(t.Context(), b.now(), b.now()); err != nil || n != sessions {
		t.Errorf("forgot %d, %v, want %d", n, err, sessions)
	}
	b.wantFound("text")
	if n, err := b.Forget(t.Context(), b.now(), b.now()); err != nil || n != 0 {
		t.Errorf("forgot %d again, %v", n, err)
	}
}
