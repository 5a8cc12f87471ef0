package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
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

func open(t *testing.T, path string, opt store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// post says something in a session, which it makes where there is none.
func post(ctx context.Context, s *store.Store, id deskside.SessionID, text string) error {
	return add(ctx, s, id, &deskside.Message{Text: text})
}

func add(ctx context.Context, s *store.Store, id deskside.SessionID, body deskside.Body) error {
	_, err := s.Update(ctx, id, func(x *deskside.Session) (deskside.Change, error) {
		var events []deskside.Event
		if x.Number == 0 {
			events = append(events, deskside.Event{By: "ada", Body: &deskside.Created{Agent: "ada", Expires: time.Now().Add(time.Hour)}})
		}
		return deskside.Change{Events: append(events, deskside.Event{By: "ada", Body: body})}, nil
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

// wantLog wants exactly n events in the session, numbered without a gap.
func wantLog(t *testing.T, s *store.Store, id deskside.SessionID, n int) {
	t.Helper()
	events, err := s.Events(t.Context(), id, 0, n+10)
	if err != nil || len(events) != n {
		t.Fatalf("%d events, want %d: %v", len(events), n, err)
	}
	for i, e := range events {
		if e.Seq != int64(i)+1 {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
	}
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
	wantLog(t, s, "s", store.QueueLength+1) // the first one made the session too
}

// TestReadersDoNotWait looks at a session while the writer works on another.
func TestReadersDoNotWait(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	for _, id := range []deskside.SessionID{"one", "two"} {
		if err := post(t.Context(), s, id, "x"); err != nil {
			t.Fatal(err)
		}
	}
	hold, holding := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := s.Update(t.Context(), "one", func(*deskside.Session) (deskside.Change, error) {
			close(holding)
			<-hold
			return deskside.Change{}, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-holding
	seen := make(chan error, 1)
	go func() { seen <- s.View(t.Context(), "two", func(*deskside.Session) error { return nil }) }()
	select {
	case err := <-seen:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a reader waits for a writer who works on another session")
	}
	close(hold)
	wg.Wait()
}

// TestDatabaseRefuses makes the database refuse one of many writes, which
// share a transaction: it hurts no other, and is no fault of the disk.
func TestDatabaseRefuses(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	for _, id := range []deskside.SessionID{"good", "bad"} {
		if err := post(t.Context(), s, id, "x"); err != nil {
			t.Fatal(err)
		}
	}
	twice := func(*deskside.Session) (deskside.Change, error) {
		guest := &deskside.Guest{MAC: []byte("the same"), Session: "bad", Participant: "p"}
		return deskside.Change{Events: []deskside.Event{{By: "ada", Body: &deskside.Message{Text: "bad"}}}, Guest: guest}, nil
	}
	if _, err := s.Update(t.Context(), "bad", twice); err != nil {
		t.Fatal(err)
	}
	const writes = 200
	var wg sync.WaitGroup
	for i := range writes {
		wg.Go(func() {
			if err := post(t.Context(), s, "good", "x"); err != nil {
				t.Errorf("a good write: %v", err)
			}
			if i%10 == 0 {
				if _, err := s.Update(t.Context(), "bad", twice); err == nil {
					t.Error("one credential was stored twice")
				}
			}
		})
	}
	wg.Wait()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	wantLog(t, s, "good", writes+2)
	wantLog(t, s, "bad", 3)
}

// TestAnotherProcess writes while another connection, as of the command line,
// holds the database: it waits, and is no fault.
func TestAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deskside.db")
	s := open(t, path, store.Options{})
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	posted := make(chan error, 1)
	go func() { posted <- post(t.Context(), s, "s", "x") }()
	select {
	case err := <-posted:
		t.Fatalf("stored while another wrote: %v", err)
	case <-time.After(50 * time.Millisecond): // it waits
	}
	if _, err := other.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-posted, s.Ready(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestOpenedAtOnce opens new data by several at once, each of whom would make
// the tables.
func TestOpenedAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deskside.db")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), path, store.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			agent := deskside.Agent{ID: deskside.AgentID(fmt.Sprint(i)), Email: fmt.Sprint(i, "@example.org")}
			if err := errors.Join(s.AddAgent(t.Context(), agent), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := open(t, path, store.Options{})
	if n, err := s.CountAgents(t.Context()); n != 4 || err != nil {
		t.Errorf("%d agents, want 4: %v", n, err)
	}
}

// TestClosed uses a store after its end.
func TestClosed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := post(t.Context(), s, "s", "x"); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("update: %v, want code %q", err, deskside.CodeUnavailable)
	}
	if _, err := s.Agents(t.Context()); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("read: %v, want code %q", err, deskside.CodeUnavailable)
	}
}
