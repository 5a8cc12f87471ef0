package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var logCases = map[string]func(*testing.T, *bench){
	"events come back as they were stored":          testRoundTrip,
	"numbers have no gap, whoever writes":           testNumbers,
	"many sessions at once":                         testManySessions,
	"a refused decision stores nothing":             testRefused,
	"no change stores nothing":                      testNoChange,
	"a decision that panics hurts nobody else":      testPanic,
	"events that can't be folded hurt nobody else":  testUnfoldable,
	"decisions see what came before them":           testDecisionsSee,
	"nobody sees what is not stored":                testViewIsolation,
	"a session that does not exist":                 testUnknown,
	"events are paged":                              testPages,
	"time never runs back within a session":         testTime,
	"everything is there after it was opened again": testReopen,
	"an update whose caller has gone":               testGone,
	"numbers say how far sessions go":               testHowFar,
}

func testRoundTrip(t *testing.T, b *bench) {
	id := b.active(ada)
	stored := b.do(id, enduse, &deskside.Message{Text: "Grüße 😀\n\"zitiert\""}, &deskside.LinkPushed{URL: "https://example.org/?a=1&b=<2>"})
	got, err := b.Events(t.Context(), id, 0, 100)
	must(t, "read events", err)
	if len(got) != 4 {
		t.Fatalf("%d events, want 4", len(got))
	}
	for i, e := range stored {
		read := got[2+i]
		if read.Seq != e.Seq || !read.At.Equal(e.At) || read.By != e.By || string(read.JSON()) != string(e.JSON()) {
			t.Errorf("read %s, stored %s", read.JSON(), e.JSON())
		}
		if diff := cmp.Diff(e.Body, read.Body); diff != "" {
			t.Errorf("another body was read (-stored +read):\n%s", diff)
		}
	}
}

func testNumbers(t *testing.T, b *bench) {
	const writers, each = 16, 25
	id := b.active(ada)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := b.try(id, enduse, &deskside.Message{Text: fmt.Sprint(w, " ", i)}); err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wg.Wait()
	checkLog(t, b, id, 2+writers*each)
}

// checkLog wants the numbers 1 to n, each once and in order, in the log and in
// the folded session, and each writer's messages in the order of writing.
func checkLog(t *testing.T, b *bench, id deskside.SessionID, n int64) {
	t.Helper()
	events, err := b.Events(t.Context(), id, 0, int(n)+10)
	must(t, "read events", err)
	last := make(map[int]int)
	for i, e := range events {
		if e.Seq != int64(i)+1 {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
		if m, ok := e.Body.(*deskside.Message); ok {
			var writer, index int
			fmt.Sscan(m.Text, &writer, &index)
			if index != last[writer] {
				t.Fatalf("writer %d: message %d came where %d was due", writer, index, last[writer])
			}
			last[writer]++
		}
	}
	if int64(len(events)) != n || b.number(id) != n {
		t.Errorf("%d events, folded to %d, want %d", len(events), b.number(id), n)
	}
}

func testManySessions(t *testing.T, b *bench) {
	const sessions, each = 40, 20
	var wg sync.WaitGroup
	ids := make([]deskside.SessionID, sessions)
	for i := range ids {
		ids[i] = b.active(ada)
		for range 2 {
			wg.Go(func() {
				for range each {
					if _, err := b.try(ids[i], asAda, &deskside.Noted{Text: "note"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for _, id := range ids {
		checkLog(t, b, id, 2+2*each)
	}
}

func testRefused(t *testing.T, b *bench) {
	id := b.active(ada)
	refusal := errors.New("not allowed")
	_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Events: []deskside.Event{{Body: &deskside.Message{Text: "no"}}}}, refusal
	})
	if !errors.Is(err, refusal) {
		t.Errorf("error %v, want the decision's own", err)
	}
	if n := b.number(id); n != 2 {
		t.Errorf("the log has %d events, want 2", n)
	}
}

func testNoChange(t *testing.T, b *bench) {
	id := b.active(ada)
	events, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) { return deskside.Change{}, nil })
	if err != nil || len(events) != 0 || b.number(id) != 2 {
		t.Errorf("events %v, error %v, number %d", events, err, b.number(id))
	}
}

func testPanic(t *testing.T, b *bench) {
	id, other := b.active(ada), b.active(ada)
	hurtNobody(t, b, other, func() error {
		_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) { panic("a defect") })
		return err
	})
	if n := b.number(id); n != 2 {
		t.Errorf("the session has %d events, want 2", n)
	}
}

// testUnfoldable stores events that make no sense, which no rule decides on:
// whatever the store makes of them, the others must not notice.
func testUnfoldable(t *testing.T, b *bench) {
	id, other := b.active(ada), b.active(ada)
	hurtNobody(t, b, other, func() error {
		_, err := b.try(id, asAda, &deskside.Message{Text: "good"}, &deskside.Admitted{Participant: "nobody"})
		return err
	})
	b.do(id, asAda, &deskside.Message{Text: "after"})
	checkFolds(t, b, id)
}

// hurtNobody runs what fails, again and again, beside writers to another
// session, who must not notice.
func hurtNobody(t *testing.T, b *bench, other deskside.SessionID, fails func() error) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 20 {
				if _, err := b.try(other, enduse, &deskside.Message{Text: fmt.Sprint(w, " ", i)}); err != nil {
					t.Errorf("another's message: %v", err)
				}
				if w == 0 {
					if err := fails(); err == nil {
						t.Error("it was stored")
					}
				}
			}
		})
	}
	wg.Wait()
	checkLog(t, b, other, 2+4*20)
}

// checkFolds wants that the session in memory is what its log folds to.
func checkFolds(t *testing.T, b *bench, id deskside.SessionID) {
	t.Helper()
	events, err := b.Events(t.Context(), id, 0, 10_000)
	must(t, "read events", err)
	folded := deskside.Session{ID: id}
	for i := range events {
		folded.Apply(&events[i])
	}
	must(t, "view", b.View(t.Context(), id, func(s *deskside.Session) error {
		if diff := cmp.Diff(folded.Overview(b.now()), s.Overview(b.now())); diff != "" || s.Number != folded.Number {
			t.Errorf("the session has %d events, its log %d (-log +session):\n%s", s.Number, folded.Number, diff)
		}
		return nil
	}))
}

func testDecisionsSee(t *testing.T, b *bench) {
	id := b.active(ada)
	const tries = 50
	var wg sync.WaitGroup
	stored := make(chan int64, tries)
	for range tries { // the same request, repeated: only one may make an event
		wg.Go(func() {
			var first int64
			events, err := b.Update(t.Context(), id, func(s *deskside.Session) (deskside.Change, error) {
				if first = s.Seen(enduse, "request"); first != 0 {
					return deskside.Change{}, nil
				}
				return deskside.Change{Events: []deskside.Event{{By: enduse, ID: "request", Body: &deskside.Message{Text: "once"}}}}, nil
			})
			switch {
			case err != nil:
				t.Error(err)
			case first != 0:
				stored <- first
			default:
				stored <- events[0].Seq
			}
		})
	}
	wg.Wait()
	close(stored)
	for seq := range stored {
		if seq != 3 {
			t.Errorf("a request was answered with event %d, want 3", seq)
		}
	}
	if n := b.number(id); n != 3 {
		t.Errorf("the log has %d events, want 3", n)
	}
}

// testViewIsolation looks while others write: whatever a reader sees in a
// session must be in the log already.
func testViewIsolation(t *testing.T, b *bench) {
	id := b.active(ada)
	writing, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		defer cancel()
		for range 200 {
			b.do(id, enduse, &deskside.Message{Text: "more"})
		}
	})
	for range 2 {
		wg.Go(func() {
			for writing.Err() == nil {
				seen := b.number(id)
				events, err := b.Events(t.Context(), id, seen-1, 1)
				if err != nil || len(events) != 1 || events[0].Seq != seen {
					t.Errorf("the session showed number %d, which the log does not have (%v, %v)", seen, events, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func testUnknown(t *testing.T, b *bench) {
	ctx := t.Context()
	wantCode(t, "view", b.View(ctx, "none", func(*deskside.Session) error { return nil }), deskside.CodeNotFound)
	events, err := b.Events(ctx, "none", 0, 10)
	if len(events) != 0 || err != nil && deskside.CodeOf(err) != deskside.CodeNotFound {
		t.Errorf("events %v, error %v", events, err)
	}
	_, err = b.Update(ctx, "none", func(s *deskside.Session) (deskside.Change, error) {
		if s.Number != 0 || s.ID != "none" {
			t.Errorf("decide got %q at %d", s.ID, s.Number)
		}
		return deskside.Change{}, deskside.Errorf(deskside.CodeNotFound, "There is no such session.")
	})
	wantCode(t, "update", err, deskside.CodeNotFound)
	refusal := errors.New("refused by who looks")
	id := b.active(ada)
	if err := b.View(ctx, id, func(*deskside.Session) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("view returned %v, want the looker's own error", err)
	}
}

func testPages(t *testing.T, b *bench) {
	id := b.active(ada)
	for range 8 {
		b.do(id, enduse, &deskside.Message{Text: "more"})
	}
	for _, page := range []struct {
		after int64
		limit int
		want  []int64
	}{{0, 3, []int64{1, 2, 3}}, {3, 3, []int64{4, 5, 6}}, {8, 100, []int64{9, 10}}, {10, 5, nil}, {99, 5, nil}} {
		events, err := b.Events(t.Context(), id, page.after, page.limit)
		must(t, "read events", err)
		var got []int64
		for _, e := range events {
			got = append(got, e.Seq)
		}
		if !slices.Equal(got, page.want) {
			t.Errorf("after %d, limit %d: %v, want %v", page.after, page.limit, got, page.want)
		}
	}
}

func testTime(t *testing.T, b *bench) {
	id := b.active(ada)
	b.pass(1500 * time.Microsecond)
	first := b.do(id, enduse, &deskside.Message{Text: "1"})[0]
	if !first.At.Equal(deskside.Timestamp(b.now())) {
		t.Errorf("stored at %s, want %s", first.At, deskside.Timestamp(b.now()))
	}
	b.pass(-time.Hour)
	second := b.do(id, enduse, &deskside.Message{Text: "2"})[0]
	if second.At.Before(first.At) {
		t.Errorf("the second message was at %s, the first at %s", second.At, first.At)
	}
}

func testReopen(t *testing.T, b *bench) {
	id := b.active(ada)
	b.do(id, enduse, &deskside.Message{Text: "before"})
	must(t, "connect", b.Connect(t.Context(), deskside.Connection{ID: "c", Node: "n", Session: id, Participant: enduse}))
	_, err := b.Mark(t.Context(), id, enduse, deskside.Marks{Delivered: 3, Read: 2})
	must(t, "mark", err)
	b.reopen()
	must(t, "ready", b.Ready(t.Context()))
	b.do(id, enduse, &deskside.Message{Text: "after"})
	if n := b.number(id); n != 4 {
		t.Errorf("the log has %d events, want 4", n)
	}
	checkFolds(t, b, id)
	marks, err := b.Marks(t.Context(), id)
	if want := map[deskside.ParticipantID]deskside.Marks{enduse: {Delivered: 3, Read: 2}}; err != nil || !cmp.Equal(marks, want) {
		t.Errorf("marks %v, error %v, want %v", marks, err, want)
	}
}

// testGone gives up while the update waits. Whatever happened to it, the
// store must not touch what belongs to its caller any more, which the race
// detector would see.
func testGone(t *testing.T, b *bench) {
	id := b.active(ada)
	var wg sync.WaitGroup
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(cancel)
		wg.Go(func() {
			mine := 0
			_, err := b.Update(ctx, id, func(*deskside.Session) (deskside.Change, error) {
				mine++
				return deskside.Change{Events: []deskside.Event{{By: enduse, Body: &deskside.Message{Text: "more"}}}}, nil
			})
			if mine++; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	checkFolds(t, b, id)
}

func testHowFar(t *testing.T, b *bench) {
	ctx := t.Context()
	one, two, gone := b.active(ada), b.active(ada), b.ended(ada)
	b.do(one, enduse, &deskside.Message{Text: "1"})
	b.do(one, enduse, &deskside.Message{Text: "2"})
	b.pass(time.Hour)
	if n, err := b.Forget(ctx, b.now(), b.now()); err != nil || n != 1 {
		t.Fatalf("forgot %d, %v, want 1", n, err)
	}
	b.do(two, enduse, &deskside.Message{Text: "1"})
	hints, err := b.Numbers(ctx, []deskside.SessionID{one, two, gone, "nobody's"})
	must(t, "numbers", err)
	got := make(map[deskside.SessionID]int64)
	for _, h := range hints {
		got[h.Session] = h.Number
	}
	if want := map[deskside.SessionID]int64{one: 4, two: 3}; !cmp.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	if hints, err := b.Numbers(ctx, nil); err != nil || len(hints) != 0 {
		t.Errorf("of no sessions: %v, %v", hints, err)
	}
}
