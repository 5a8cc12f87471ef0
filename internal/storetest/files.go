package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskside"
)

var fileCases = map[string]func(*testing.T, *bench){
	"a file is stored with its event, and changed with or without one": testFile,
	"what is due is found, one of each session, and claimed by one":    testClaimFile,
	"files of sessions that ended long ago are found":                  testOldFiles,
	"the end of a session makes what is not whole due":                 testEndMakesFilesDue,
	"bytes remain once no file names them":                             testRemains,
	"nothing is removed while a file is held":                          testHold,
	"nothing is held while bytes are removed":                          testBurying,
	"bytes that could not be removed remain":                           testBuryAgain,
	"an erased session leaves its bytes to be removed":                 testErasedFiles,
}

// attach stores an offered file.
func (b *bench) attach(session deskside.SessionID, id deskside.FileID, due time.Time) deskside.StoredFile {
	b.t.Helper()
	f := deskside.StoredFile{File: id, Session: session, Due: due}
	b.setFile(f, &deskside.Attached{File: id, Name: "a.txt", Size: 3})
	return f
}

func (b *bench) setFile(f deskside.StoredFile, bodies ...deskside.Body) {
	b.t.Helper()
	_, err := b.Update(b.t.Context(), f.Session, func(*deskside.Session) (deskside.Change, error) {
		c := deskside.Change{File: &f}
		for _, body := range bodies {
			c.Events = append(c.Events, deskside.Event{By: asAda, Body: body})
		}
		return c, nil
	})
	must(b.t, "set a file", err)
}

// bury removes all that can be removed now, and returns it.
func (b *bench) bury() (gone []deskside.Remains) {
	b.t.Helper()
	must(b.t, "bury", b.Bury(b.t.Context(), func(_ context.Context, r []deskside.Remains) error {
		gone = r
		return nil
	}))
	return gone
}

func (b *bench) wantBuried(want ...deskside.Remains) {
	b.t.Helper()
	less := func(a, b deskside.Remains) bool {
		return string(a.Upload)+string(a.Content) < string(b.Upload)+string(b.Content)
	}
	if diff := cmp.Diff(want, b.bury(), cmpopts.SortSlices(less), cmpopts.EquateEmpty()); diff != "" {
		b.t.Errorf("buried: -want +got:\n%s", diff)
	}
}

func content(name string) deskside.Remains { return deskside.Remains{Content: []byte(name)} }

func upload(id deskside.FileID) deskside.Remains {
	return deskside.Remains{Content: []byte{}, Upload: id}
}

func testFile(t *testing.T, b *bench) {
	f := b.attach(b.start(ada), "f1", b.now().Add(time.Hour))
	want := func(what string) {
		t.Helper()
		got, err := b.File(t.Context(), "f1")
		must(t, what, err)
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", what, diff)
		}
	}
	want("as it was made")
	f.Content, f.Preview, f.Tries, f.Due = []byte("sum"), []byte("small"), 2, time.Time{}
	b.setFile(f)
	want("changed")
	f.Gone = true
	b.setFile(f, &deskside.FileMoved{File: "f1", State: deskside.FileCancelled})
	_, err := b.File(t.Context(), "f1")
	wantCode(t, "gone", err, deskside.CodeNotFound)
}

func testClaimFile(t *testing.T, b *bench) {
	session := b.start(ada)
	b.attach(session, "later", b.now().Add(time.Hour))
	b.attach(session, "its turn comes", b.now().Add(-time.Second))
	first := b.attach(session, "first", b.now().Add(-time.Minute))
	second := b.attach(b.start(ada), "second", b.now())
	due, err := b.DueFiles(t.Context(), b.now(), 9)
	must(t, "due", err)
	if diff := cmp.Diff([]deskside.StoredFile{first, second}, due); diff != "" {
		t.Errorf("due: -want +got:\n%s", diff)
	}
	for _, want := range []bool{true, false} {
		if got, err := b.ClaimFile(t.Context(), first, b.now().Add(time.Minute)); got != want || err != nil {
			t.Errorf("claimed: %v, %v; want %v", got, err, want)
		}
	}
	due, err = b.DueFiles(t.Context(), b.now(), 1)
	if err != nil || len(due) != 1 || due[0].File != "its turn comes" {
		t.Errorf("due after that: %+v, %v", due, err)
	}
}

func testOldFiles(t *testing.T, b *bench) {
	session := b.start(ada)
	b.attach(session, "whole", time.Time{})
	b.attach(session, "busy", b.now())
	find := func() int {
		old, err := b.OldFiles(t.Context(), b.now().Add(-time.Hour), 9)
		must(t, "old", err)
		return len(old)
	}
	if n := find(); n != 0 {
		t.Errorf("%d of an open session", n)
	}
	b.do(session, asAda, &deskside.Ended{Reason: deskside.EndedByAgent})
	if n := find(); n != 0 {
		t.Errorf("%d of a session that ended now", n)
	}
	b.pass(2 * time.Hour)
	b.setFile(deskside.StoredFile{File: "busy", Session: session, Due: b.now()})
	b.setFile(deskside.StoredFile{File: "whole", Session: session, Content: []byte("x")})
	if n := find(); n != 1 {
		t.Errorf("%d of a session that ended long ago", n)
	}
}

func testEndMakesFilesDue(t *testing.T, b *bench) {
	session := b.start(ada)
	b.attach(session, "half", b.now().Add(time.Hour))
	whole := b.attach(session, "whole", time.Time{})
	whole.Content = []byte("sum")
	b.setFile(whole)
	b.do(session, asAda, &deskside.Ended{Reason: deskside.EndedByAgent})
	due, err := b.DueFiles(t.Context(), b.now(), 9)
	if err != nil || len(due) != 1 || due[0].File != "half" {
		t.Errorf("due: %+v, %v", due, err)
	}
}

func testRemains(t *testing.T, b *bench) {
	session := b.start(ada)
	a, c := b.attach(session, "a", time.Time{}), b.attach(session, "c", time.Time{})
	b.wantBuried()
	a.Content, a.Preview = []byte("same"), []byte("old")
	c.Content, c.Picture = []byte("same"), []byte("picture")
	b.setFile(a)
	b.setFile(c)
	a.Preview = []byte("new")
	b.setFile(a)
	b.wantBuried(content("old"))
	a.Gone, c.Gone = true, true
	b.setFile(a)
	b.wantBuried(upload("a"), content("new"))
	b.setFile(c)
	b.wantBuried(upload("c"), content("same"), content("picture"))
	b.wantBuried()
}

func testHold(t *testing.T, b *bench) {
	session := b.start(ada)
	a, c := b.attach(session, "a", time.Time{}), b.attach(session, "c", time.Time{})
	a.Content = []byte("same")
	b.setFile(a)
	if held, err := b.HoldFile(t.Context(), "c"); !held || err != nil {
		t.Fatalf("held: %v, %v", held, err)
	}
	a.Gone = true
	b.setFile(a)
	b.wantBuried()
	c.Content = []byte("same") // it is named again
	b.setFile(c)
	b.wantBuried(upload("a"))

	d := b.attach(session, "d", time.Time{})
	if held, err := b.HoldFile(t.Context(), "d"); !held || err != nil {
		t.Fatalf("held: %v, %v", held, err)
	}
	c.Gone = true
	b.setFile(c)
	b.wantBuried()
	b.pass(11 * time.Minute) // whoever held d is gone
	b.wantBuried(upload("c"), content("same"))
	b.setFile(d)
}

func testBurying(t *testing.T, b *bench) {
	session := b.start(ada)
	a, _ := b.attach(session, "a", time.Time{}), b.attach(session, "c", time.Time{})
	a.Gone = true
	b.setFile(a)
	must(t, "bury", b.Bury(t.Context(), func(ctx context.Context, _ []deskside.Remains) error {
		if held, err := b.HoldFile(ctx, "c"); held || err != nil {
			t.Errorf("held meanwhile: %v, %v", held, err)
		}
		b.wantBuried() // by two at once
		return nil
	}))
	if held, err := b.HoldFile(t.Context(), "c"); !held || err != nil {
		t.Errorf("held afterwards: %v, %v", held, err)
	}
}

func testBuryAgain(t *testing.T, b *bench) {
	a := b.attach(b.start(ada), "a", time.Time{})
	a.Gone = true
	b.setFile(a)
	broken := errors.New("the disk is gone")
	if err := b.Bury(t.Context(), func(context.Context, []deskside.Remains) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("bury: %v", err)
	}
	b.pass(2 * time.Minute)
	b.wantBuried(upload("a"))
}

func testErasedFiles(t *testing.T, b *bench) {
	session := b.start(ada)
	a := b.attach(session, "a", time.Time{})
	a.Content = []byte("sum")
	b.setFile(a)
	b.do(session, asAda, &deskside.Ended{Reason: deskside.EndedByAgent})
	b.pass(time.Hour)
	if n, err := b.Forget(t.Context(), b.now(), b.now()); n != 1 || err != nil {
		t.Fatalf("forget: %d, %v", n, err)
	}
	b.wantBuried(upload("a"), content("sum"))
}
