package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskside"
	"deskside/internal/store"
	"deskside/internal/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		path := filepath.Join(t.TempDir(), "deskside.db")
		return func(t *testing.T, clock func() time.Time) storetest.Store {
			s, err := store.Open(t.Context(), path, store.Options{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}

func open(t *testing.T, path string, opt store.Options) *store.SQLite {
	t.Helper()
	s, err := store.Open(t.Context(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func post(ctx context.Context, s *store.SQLite, id deskside.SessionID, text string) error {
	_, err := s.Update(ctx, id, func(x *deskside.Session) (deskside.Change, error) {
		var events []deskside.Event
		if x.Number == 0 {
			events = append(events, deskside.Event{By: "ada", Body: &deskside.Created{Agent: "ada", Expires: time.Now().Add(time.Hour)}})
		}
		return deskside.Change{Events: append(events, deskside.Event{By: "ada", Body: &deskside.Message{Text: text}})}, nil
	})
	return err
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// TestFullDatabase fills the database until it refuses, and frees it again.
func TestFullDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full.db")
	s := open(t, path, store.Options{MaxPages: 120})
	text := strings.Repeat("x", 4000)
	stored := 0
	var err error
	for err == nil {
		if err = post(t.Context(), s, "s", text); err == nil {
			stored++
		}
	}
	if deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Fatalf("full: %v, want code %q", err, deskside.CodeUnavailable)
	}
	if stored < 10 {
		t.Fatalf("only %d messages went in", stored)
	}
	eventually(t, "it is ready again", func() bool { return s.Ready(t.Context()) == nil })
	events, err := s.Events(t.Context(), "s", 0, 1000)
	if err != nil || len(events) != stored+1 {
		t.Errorf("%d events, %d were acknowledged: %v", len(events), stored+1, err)
	}
	s.Close()
	larger := open(t, path, store.Options{})
	if err := post(t.Context(), larger, "s", text); err != nil {
		t.Errorf("with more room: %v", err)
	}
}

// TestBrokenDatabase takes the file's place away under the running store, and
// gives it back.
func TestBrokenDatabase(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "deskside.db")
	s := open(t, path, store.Options{})
	if err := post(t.Context(), s, "s", "before"); err != nil {
		t.Fatal(err)
	}
	store.Break(s, errors.New("input/output error"))
	if err := post(t.Context(), s, "s", "meanwhile"); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("while broken: %v, want code %q", err, deskside.CodeUnavailable)
	}
	eventually(t, "it is ready again", func() bool { return s.Ready(t.Context()) == nil })
	if err := post(t.Context(), s, "s", "after"); err != nil {
		t.Errorf("after the recovery: %v", err)
	}
	events, err := s.Events(t.Context(), "s", 0, 10)
	if err != nil || len(events) != 3 {
		t.Errorf("events %v: %v", events, err)
	}
}

// TestReadOnlyDatabase makes every write fail as on a disk that the system
// mounted read-only, and then allows writing again.
func TestReadOnlyDatabase(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	if err := post(t.Context(), s, "s", "before"); err != nil {
		t.Fatal(err)
	}
	if err := store.Pragma(s, "query_only(1)"); err != nil {
		t.Fatal(err)
	}
	if err := post(t.Context(), s, "s", "meanwhile"); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("read-only: %v, want code %q", err, deskside.CodeUnavailable)
	}
	eventually(t, "it stores again", func() bool { return post(t.Context(), s, "s", "after") == nil })
}

// TestForgottenLeavesNoByte looks for a text in the files once its session is
// forgotten.
func TestForgottenLeavesNoByte(t *testing.T) {
	folder := t.TempDir()
	s := open(t, filepath.Join(folder, "deskside.db"), store.Options{})
	const secret = "unmistakable-words-of-somebody"
	for _, body := range []deskside.Body{&deskside.Message{Text: secret}, &deskside.Ended{Reason: deskside.EndedByAgent}} {
		if err := post(t.Context(), s, "s", secret); err != nil {
			t.Fatal(err)
		}
		_, err := s.Update(t.Context(), "s", func(*deskside.Session) (deskside.Change, error) {
			return deskside.Change{Events: []deskside.Event{{By: "ada", Body: body}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !holds(t, folder, secret) {
		t.Fatal("the text is nowhere even before: this test can't fail")
	}
	later := time.Now().Add(time.Hour)
	if n, err := s.Forget(t.Context(), later, later); n != 1 || err != nil {
		t.Fatalf("forgot %d: %v", n, err)
	}
	if holds(t, folder, secret) {
		t.Error("the forgotten text is still in the files")
	}
}

func holds(t *testing.T, folder, text string) bool {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}

// TestTooManyWrites holds the writer up until the queue is full: what does not
// fit is refused at once, and what was taken is stored.
func TestTooManyWrites(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	hold, holding := make(chan struct{}), make(chan struct{})
	held := make(chan error, 1)
	go func() {
		_, err := s.Update(t.Context(), "held", func(*deskside.Session) (deskside.Change, error) {
			close(holding)
			<-hold
			return deskside.Change{}, nil
		})
		held <- err
	}()
	<-holding
	const more = 100
	results := make(chan error, store.QueueLength+more)
	for range store.QueueLength + more {
		go func() { results <- post(t.Context(), s, "s", "x") }()
	}
	for range more {
		if err := <-results; deskside.CodeOf(err) != deskside.CodeUnavailable {
			t.Fatalf("refused with %v", err)
		}
	}
	close(hold)
	for range store.QueueLength {
		if err := <-results; err != nil {
			t.Fatalf("taken, and then not stored: %v", err)
		}
	}
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	events, err := s.Events(t.Context(), "s", 0, 2*store.QueueLength)
	if want := store.QueueLength + 1; err != nil || len(events) != want { // the first one made the session too
		t.Errorf("%d events, want %d: %v", len(events), want, err)
	}
}
