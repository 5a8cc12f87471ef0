package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"deskside"
	"deskside/internal/nettest"
	"deskside/internal/postgrestest"
	"deskside/internal/store"
	"deskside/internal/storetest"
)

func TestPostgres(t *testing.T) {
	server := postgrestest.Start(t)
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		url := server.Database(t)
		return func(t *testing.T, clock func() time.Time) storetest.Store {
			s, err := store.Open(t.Context(), url, store.Options{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}

// TestPostgresReplica gives a store a replica that has what the database has
// not: History is read from there, and nothing else is.
func TestPostgresReplica(t *testing.T) {
	server := postgrestest.Start(t)
	replica := server.Database(t)
	other := open(t, replica, store.Options{})
	must(t, post(t.Context(), other, "there", "strawberries"))
	must(t, add(t.Context(), other, "there", &deskside.Ended{Reason: deskside.EndedByAgent}))
	s := open(t, server.Database(t), store.Options{Replica: replica})
	for _, text := range []string{"", "strawb"} {
		found, err := s.History(t.Context(), deskside.HistoryQuery{Text: text, Limit: 10})
		if err != nil || len(found) != 1 {
			t.Errorf("%q is found in %v, %v", text, found, err)
		}
	}
	if err := s.View(t.Context(), "there", func(*deskside.Session) error { return nil }); deskside.CodeOf(err) != deskside.CodeNotFound {
		t.Errorf("a session was read from the replica: %v", err)
	}
}

// TestPostgresSilence lets nothing of the server's arrive any more: reads end,
// and work again when it is back.
func TestPostgresSilence(t *testing.T) {
	server := postgrestest.Start(t)
	cable := nettest.NewCable(t, server.Addr)
	s := open(t, strings.Replace(server.Database(t), server.Addr, cable.Address(), 1), store.Options{})
	must(t, post(t.Context(), s, "one", "text"))
	cable.Deaden()
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if _, err := s.Events(t.Context(), "one", 0, 10); deskside.CodeOf(err) != deskside.CodeUnavailable {
				t.Errorf("read from a silent server: %v", err)
			}
		})
	}
	wg.Wait()
	cable.Mend()
	eventually(t, "it answers again", func() bool {
		_, err := s.Events(t.Context(), "one", 0, 10)
		return err == nil
	})
}

// TestPostgresRestarts stops, kills and starts the server while messages are
// posted: what was acknowledged is there, once, and nothing hangs.
func TestPostgresRestarts(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	s := open(t, url, store.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	acknowledged := make([][]string, 4)
	counts := make([]atomic.Int64, len(acknowledged))
	var wg sync.WaitGroup
	for i := range acknowledged {
		id := deskside.SessionID(fmt.Sprint("session ", i))
		must(t, post(t.Context(), s, id, "first"))
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				text := fmt.Sprint("text ", n)
				err := post(t.Context(), s, id, text)
				switch {
				case err == nil:
					acknowledged[i] = append(acknowledged[i], text)
					counts[i].Add(1)
				case deskside.CodeOf(err) == deskside.CodeUnavailable:
					time.Sleep(10 * time.Millisecond)
				default:
					t.Errorf("post: %v", err)
				}
			}
		})
	}
	for _, end := range []func(testing.TB){server.Stop, server.Kill, server.Stop} {
		for i := range counts {
			had := counts[i].Load()
			eventually(t, "each session is posted to", func() bool { return counts[i].Load() > had })
		}
		end(t)
		eventually(t, "the store says that it is not ready", func() bool { return s.Ready(t.Context()) != nil })
		server.Run(t)
		eventually(t, "it is ready again", func() bool { return s.Ready(t.Context()) == nil })
	}
	cancel()
	wg.Wait()
	other := open(t, url, store.Options{})
	for i, texts := range acknowledged {
		wantTexts(t, other, deskside.SessionID(fmt.Sprint("session ", i)), texts)
		wantTexts(t, s, deskside.SessionID(fmt.Sprint("session ", i)), texts)
	}
}

// wantTexts wants each acknowledged text exactly once in the log, whose
// numbers have no gap.
func wantTexts(t *testing.T, s *store.Store, id deskside.SessionID, acknowledged []string) {
	t.Helper()
	events, err := s.Events(t.Context(), id, 0, 1_000_000)
	must(t, err)
	count := make(map[string]int)
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("%s: event %d has number %d", id, i, e.Seq)
		}
		if m, ok := e.Body.(*deskside.Message); ok {
			count[m.Text]++
		}
	}
	for _, text := range acknowledged {
		if count[text] != 1 {
			t.Errorf("%s: %q is there %d times", id, text, count[text])
		}
	}
}

// TestPostgresStandby meets a server that stores nothing any more, as one does
// that is a standby after a failover.
func TestPostgresStandby(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	s := open(t, url, store.Options{})
	must(t, post(t.Context(), s, "one", "before"))
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer c.Close(context.Background())
	set := func(value string) {
		for _, query := range []string{
			"ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()",
		} {
			if _, err := c.Exec(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("on")
	eventually(t, "writes are refused", func() bool {
		return deskside.CodeOf(post(t.Context(), s, "one", "meanwhile")) == deskside.CodeUnavailable
	})
	must(t, s.View(t.Context(), "one", func(*deskside.Session) error { return nil }))
	set("off")
	eventually(t, "it stores again", func() bool { return post(t.Context(), s, "one", "after") == nil })
}

func TestPostgresRefusals(t *testing.T) {
	for _, url := range []string{"postgres://deskside:secret@127.0.0.1:1/nothing", "postgres://deskside:secret@127.0.0.1:port/nothing"} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("open %s: %v", url, err)
		}
	}
}

// TestPostgresText stores what PostgreSQL has no text for.
func TestPostgresText(t *testing.T) {
	s := open(t, postgrestest.New(t), store.Options{})
	const text = "a\x00b \U0001f600 \ue000"
	must(t, post(t.Context(), s, "one", text))
	must(t, add(t.Context(), s, "one", &deskside.Titled{Title: text}))
	must(t, add(t.Context(), s, "one", &deskside.Ended{Reason: deskside.EndedByAgent}))
	events, err := s.Events(t.Context(), "one", 0, 10)
	must(t, err)
	if got := events[1].Body.(*deskside.Message).Text; got != text {
		t.Errorf("stored %q, want %q", got, text)
	}
	found, err := s.History(t.Context(), deskside.HistoryQuery{Limit: 10})
	if err != nil || len(found) != 1 || found[0].Title != text {
		t.Errorf("found %+v, %v", found, err)
	}
	for _, id := range []deskside.SessionID{"\x00", "\xff", "one\x00"} {
		if err := s.View(t.Context(), id, func(*deskside.Session) error { return nil }); deskside.CodeOf(err) != deskside.CodeNotFound {
			t.Errorf("view %q: %v", id, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
