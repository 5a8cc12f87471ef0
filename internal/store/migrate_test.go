package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"deskside"
	"deskside/internal/postgrestest"
	"deskside/internal/store"
)

// furnish fills a store with some of everything.
func furnish(t *testing.T, s *store.Store, sessions int) {
	t.Helper()
	for i := range sessions {
		id := deskside.SessionID(fmt.Sprint("session ", i))
		_, err := s.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
			return deskside.Change{
				Events: []deskside.Event{
					{By: "ada", Body: &deskside.Created{Agent: "ada", Expires: time.Now().Add(time.Hour)}},
					{By: "visitor", Body: &deskside.Arrived{Participant: "visitor", Role: deskside.RoleEndUser}},
				},
				Key:   &deskside.Key{Session: id, Generation: 1, DigitsMAC: fmt.Append(nil, "digits", i), LinkMAC: []byte(id), Sealed: []byte{1}},
				Guest: &deskside.Guest{MAC: fmt.Append(nil, "guest", i), Session: id, Participant: "visitor"},
				Job:   &deskside.Job{Invitation: deskside.InvitationID(fmt.Sprint("invitation ", i)), Address: []byte{1}, Letter: []byte{2}, Due: time.Now()},
				File:  &deskside.StoredFile{File: deskside.FileID(fmt.Sprint("file ", i)), Content: []byte{byte(i)}, Due: time.Now()},
			}, nil
		})
		must(t, err)
		for n := range 1 + i%7 {
			must(t, post(t.Context(), s, id, fmt.Sprintf("text %d of %d with a\x00zero and ütf", n, i)))
		}
		_, err = s.Mark(t.Context(), id, "visitor", deskside.Marks{Read: 2})
		must(t, err)
		if i%3 == 0 {
			must(t, add(t.Context(), s, id, &deskside.Ended{Reason: deskside.EndedByAgent}))
		}
	}
	must(t, s.AddAgent(t.Context(), deskside.Agent{ID: "ada", Name: "Ada", Email: "ada@example.org", Role: deskside.Administrator, Password: "phc", Created: time.Now()}))
	must(t, s.SetSetup(t.Context(), []byte{0, 1, 2}))
	must(t, s.SetTexts(t.Context(), "de", deskside.InvitationTexts{SMS: "kurz"}))
	must(t, s.AddAttempts(t.Context(), deskside.Attempt{Kind: "guess", Subject: "address"}))
}

// contents is what a store says of itself.
func contents(t *testing.T, s *store.Store) (all []string) {
	t.Helper()
	tell := func(v any, err error) {
		must(t, err)
		text, err := json.Marshal(v)
		must(t, err)
		all = append(all, string(text))
	}
	open, err := s.OpenSessions(t.Context(), "")
	tell(open, err)
	found, err := s.History(t.Context(), deskside.HistoryQuery{Text: "UTF", Limit: 1000})
	tell(found, err)
	for _, id := range append(open, "session 0", "session 3") {
		events, err := s.Events(t.Context(), id, 0, 1000)
		tell(events, err)
		key, _ := s.KeyOf(t.Context(), id) // not each has one
		tell(key, nil)
		jobs, err := s.JobsOf(t.Context(), id)
		tell(jobs, err)
		marks, err := s.Marks(t.Context(), id)
		tell(marks, err)
	}
	guest, err := s.GuestByMAC(t.Context(), []byte("guest4"))
	tell(guest, err)
	file, err := s.File(t.Context(), "file 5")
	tell(file, err)
	agents, err := s.Agents(t.Context())
	tell(agents, err)
	texts, err := s.Texts(t.Context())
	tell(texts, err)
	n, err := s.CountAttempts(t.Context(), deskside.Attempt{Kind: "guess", Subject: "address"}, time.Time{})
	tell(n, err)
	return all
}

func silent(store.Progress) {}

func TestMigrate(t *testing.T) {
	url := postgrestest.New(t)
	folder := t.TempDir()
	first, back := filepath.Join(folder, "first.db"), filepath.Join(folder, "back.db")
	s := open(t, first, store.Options{})
	furnish(t, s, 300)
	want := contents(t, s)
	must(t, s.Close())

	// It is cut off in the middle, more than once, and goes on.
	for i := 1; ; i++ {
		ctx, cancel := context.WithCancel(t.Context())
		calls, before := 0, 0
		err := store.Migrate(ctx, "sqlite://"+first, url, store.Options{}, func(p store.Progress) {
			if calls++; calls == 1 {
				before = p.Sessions
			}
			if calls == 2 && i < 3 {
				cancel()
			}
		})
		cancel()
		if i >= 3 {
			must(t, err)
			if before == 0 {
				t.Error("it began anew")
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cut off: %v", err)
		}
		if _, err := store.Open(t.Context(), url, store.Options{}); err == nil || !strings.Contains(err.Error(), "migrate-store") {
			t.Fatalf("half a database was opened: %v", err)
		}
	}
	p := open(t, url, store.Options{})
	if diff := cmp.Diff(want, contents(t, p)); diff != "" {
		t.Errorf("the copy (-first +copy):\n%s", diff)
	}
	must(t, post(t.Context(), p, "a new session", "gets a row of its own"))
	must(t, post(t.Context(), p, "session 1", "and an old one goes on"))
	want = contents(t, p)
	must(t, p.Close())

	must(t, store.Migrate(t.Context(), url, back, store.Options{}, silent))
	if diff := cmp.Diff(want, contents(t, open(t, back, store.Options{}))); diff != "" {
		t.Errorf("the copy of the copy (-copy +back):\n%s", diff)
	}
}

func TestMigrateRefuses(t *testing.T) {
	url := postgrestest.New(t)
	path := filepath.Join(t.TempDir(), "first.db")
	s := open(t, path, store.Options{})
	furnish(t, s, 10)
	_, err := s.Beat(t.Context(), "node")
	must(t, err)
	must(t, s.Close())
	if err := store.Migrate(t.Context(), path, url, store.Options{}, silent); err == nil || !strings.Contains(err.Error(), "a server runs") {
		t.Errorf("while a server runs: %v", err)
	}
	later := store.Options{Clock: func() time.Time { return time.Now().Add(time.Hour) }}

	// Somebody changes one byte of the copy before it is compared.
	err = store.Migrate(t.Context(), path, url, later, func(p store.Progress) {
		if !p.Checking {
			return
		}
		c, err := pgx.Connect(t.Context(), url)
		must(t, err)
		defer c.Close(t.Context())
		_, err = c.Exec(t.Context(), "UPDATE events SET json = set_byte(json, 9, get_byte(json, 9) # 1) WHERE session = 3 AND seq = 3")
		must(t, err)
	})
	if err == nil || !strings.Contains(err.Error(), "session 2 is not the same") {
		t.Errorf("a damaged copy: %v", err)
	}

	other := postgrestest.New(t)
	if err := store.Migrate(t.Context(), other, filepath.Join(t.TempDir(), "copy.db"), later, silent); err == nil || !strings.Contains(err.Error(), "nothing of Deskside's") {
		t.Errorf("from an empty database: %v", err)
	}
	p := open(t, other, store.Options{})
	furnish(t, p, 1)
	must(t, p.Close())
	if err := store.Migrate(t.Context(), path, other, later, silent); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("to a database in use: %v", err)
	}
}
