package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"deskside"
	"deskside/internal/postgrestest"
	"deskside/internal/store"
)

// TestPostgresNodes is what holds between nodes that share a database.
func TestPostgresNodes(t *testing.T) {
	server := postgrestest.Start(t)
	for name, test := range map[string]func(t *testing.T, here, there *store.Store, url string){
		"nodes that start together make the tables once": func(*testing.T, *store.Store, *store.Store, string) {},
		"numbers of all nodes have no gap":               testNodesNumber,
		"a node sees what another stored":                testNodesSee,
		"an erased session is gone on all nodes":         testNodesErase,
		"who leaves two nodes at once is absent":         testNodesAbsent,
		"an allowance is one for all nodes":              testNodesSpend,
		"digits are given once":                          testNodesKeys,
		"a node that hangs holds nobody up for long":     testNodesHang,
		"a node with ten thousand connections dies":      testNodesDie,
		"who waits for a lock is refused, and alone":     testNodesWait,
		"readers leave writers their connections":        testNodesRead,
		"a log that has lost its end is read anew":       testNodesLose,
	} {
		t.Run(name, func(t *testing.T) {
			url := server.Database(t)
			var both [2]*store.Store
			var wg sync.WaitGroup
			for i := range both {
				wg.Go(func() { both[i] = open(t, url, store.Options{}) })
			}
			wg.Wait()
			test(t, both[0], both[1], url)
		})
	}
}

func testNodesNumber(t *testing.T, here, there *store.Store, _ string) {
	const sessions, posts = 5, 200
	var wg sync.WaitGroup
	for i := range sessions {
		id := deskside.SessionID(fmt.Sprint("session ", i))
		must(t, post(t.Context(), here, id, "first"))
		for _, s := range []*store.Store{here, there} {
			for range 4 {
				wg.Go(func() {
					for range posts / 8 {
						must(t, post(t.Context(), s, id, "text"))
					}
				})
			}
		}
	}
	wg.Wait()
	for i := range sessions {
		for _, s := range []*store.Store{here, there} {
			wantLog(t, s, deskside.SessionID(fmt.Sprint("session ", i)), posts+2)
		}
	}
}

func testNodesSee(t *testing.T, here, there *store.Store, _ string) {
	for i := range 50 {
		s, other := here, there
		if i%2 == 1 {
			s, other = there, here
		}
		must(t, post(t.Context(), s, "one", fmt.Sprint(i)))
		want := int64(i + 2)
		must(t, other.View(t.Context(), "one", func(x *deskside.Session) error {
			if x.Number != want {
				t.Errorf("the other node sees %d, want %d", x.Number, want)
			}
			return nil
		}))
	}
}

func testNodesErase(t *testing.T, here, there *store.Store, _ string) {
	must(t, post(t.Context(), here, "one", "text"))
	must(t, add(t.Context(), there, "one", &deskside.Ended{Reason: deskside.EndedByAgent}))
	look := func(*deskside.Session) error { return nil }
	must(t, here.View(t.Context(), "one", look))
	later := time.Now().Add(time.Hour)
	if n, err := there.Forget(t.Context(), later, later); err != nil || n != 1 {
		t.Fatalf("forgot %d, %v", n, err)
	}
	if err := here.View(t.Context(), "one", look); deskside.CodeOf(err) != deskside.CodeNotFound {
		t.Errorf("the erased session: %v", err)
	}
	must(t, post(t.Context(), here, "one", "anew"))
	wantLog(t, here, "one", 2)
	wantLog(t, there, "one", 2)
}

func testNodesAbsent(t *testing.T, here, there *store.Store, _ string) {
	must(t, post(t.Context(), here, "one", "text"))
	for i := range 20 {
		who := deskside.ParticipantID(fmt.Sprint("visitor ", i))
		connect := func(s *store.Store, node string) deskside.Connection {
			c := deskside.Connection{ID: deskside.NewID(), Node: node, Session: "one", Participant: who}
			must(t, s.Connect(t.Context(), c))
			return c
		}
		first, second := connect(here, "here"), connect(there, "there")
		var wg sync.WaitGroup
		wg.Go(func() { must(t, here.Disconnect(t.Context(), first.ID)) })
		wg.Go(func() { must(t, there.Disconnect(t.Context(), second.ID)) })
		wg.Wait()
	}
	absent, err := here.Absent(t.Context(), time.Now().Add(time.Hour))
	if err != nil || len(absent) != 20 {
		t.Errorf("%d are absent, %v, want 20", len(absent), err)
	}
}

func testNodesSpend(t *testing.T, here, there *store.Store, _ string) {
	allowance := []deskside.Allowance{{Attempt: deskside.Attempt{Kind: "guess", Subject: "address"}, Since: time.Now().Add(-time.Hour), Most: 10}}
	var mu sync.Mutex
	spent := 0
	var wg sync.WaitGroup
	for _, s := range []*store.Store{here, there} {
		for range 20 {
			wg.Go(func() {
				over, err := s.Spend(t.Context(), allowance)
				must(t, err)
				mu.Lock()
				defer mu.Unlock()
				if over < 0 {
					spent++
				}
			})
		}
	}
	wg.Wait()
	if spent != 10 {
		t.Errorf("%d were allowed, want 10", spent)
	}
}

func testNodesKeys(t *testing.T, here, there *store.Store, _ string) {
	for i := range 10 {
		var got []error
		var mu sync.Mutex
		var wg sync.WaitGroup
		for n, s := range []*store.Store{here, there} {
			wg.Go(func() {
				id := deskside.SessionID(fmt.Sprint("session ", i, " of ", n))
				_, err := s.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
					return deskside.Change{
						Events: []deskside.Event{{By: "ada", Body: &deskside.Created{Agent: "ada", Expires: time.Now().Add(time.Hour)}}},
						Key:    &deskside.Key{Session: id, Generation: 1, DigitsMAC: fmt.Append(nil, "digits", i), LinkMAC: []byte(id), Sealed: []byte{1}},
					}, nil
				})
				mu.Lock()
				defer mu.Unlock()
				got = append(got, err)
			})
		}
		wg.Wait()
		if !slices.Contains(got, nil) || !slices.ContainsFunc(got, func(err error) bool { return errors.Is(err, deskside.ErrKeyTaken) }) {
			t.Errorf("two keys with the same digits: %v", got)
		}
	}
}

// testNodesHang lets a node stand still in the middle of a transaction, which
// holds a session: the server ends it, and others go on.
func testNodesHang(t *testing.T, here, there *store.Store, _ string) {
	must(t, post(t.Context(), here, "one", "text"))
	begun, goOn := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) })
	var hanging sync.WaitGroup
	hanging.Go(func() {
		_, _ = there.Update(t.Context(), "one", func(*deskside.Session) (deskside.Change, error) {
			begin()
			<-goOn
			return deskside.Change{}, nil
		})
	})
	defer hanging.Wait()
	defer close(goOn)
	<-begun
	must(t, post(t.Context(), here, "two", "others are not held up"))
	if err := post(t.Context(), here, "one", "this one is"); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("post to a held session: %v", err)
	}
	eventually(t, "it is no more", func() bool { return post(t.Context(), here, "one", "and goes on") == nil })
	wantLog(t, here, "one", 3)
}

// execute runs statements beside the store, in a transaction that stays open
// until the returned function ends it.
func execute(t *testing.T, url string, statements ...string) (commit func()) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { c.Close(context.Background()) })
	for _, s := range append([]string{"BEGIN"}, statements...) {
		_, err := c.Exec(t.Context(), s)
		must(t, err)
	}
	return func() {
		_, err := c.Exec(t.Context(), "COMMIT")
		must(t, err)
	}
}

// testNodesWait lets another node hold a session for long: posts to it are
// refused, and everybody else's go on.
func testNodesWait(t *testing.T, here, _ *store.Store, url string) {
	must(t, post(t.Context(), here, "held", "text"))
	commit := execute(t, url, "SELECT * FROM heads FOR UPDATE")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { must(t, post(t.Context(), here, deskside.SessionID(fmt.Sprint("free ", i)), "text")) })
		wg.Go(func() {
			if err := post(t.Context(), here, "held", "text"); deskside.CodeOf(err) != deskside.CodeUnavailable {
				t.Errorf("post to a held session: %v", err)
			}
		})
	}
	wg.Wait()
	must(t, here.Ready(t.Context()))
	commit()
	must(t, post(t.Context(), here, "held", "text"))
}

// testNodesRead lets many reads wait: messages are stored all the same.
func testNodesRead(t *testing.T, here, _ *store.Store, url string) {
	must(t, post(t.Context(), here, "one", "text"))
	commit := execute(t, url, "LOCK TABLE marks")
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() { _, _ = here.Marks(t.Context(), "one") })
	}
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer c.Close(context.Background())
	eventually(t, "reads wait", func() (waiting bool) {
		must(t, c.QueryRow(t.Context(), "SELECT count(*) >= 8 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").Scan(&waiting))
		return waiting
	})
	must(t, post(t.Context(), here, "one", "meanwhile"))
	commit()
	wg.Wait()
}

// testNodesLose takes back the last event, as a failover to a server does that
// has not got it yet.
func testNodesLose(t *testing.T, here, there *store.Store, url string) {
	for _, s := range []*store.Store{here, there} {
		must(t, post(t.Context(), s, "one", "text"))
	}
	wantNumber := func(s *store.Store, want int64) {
		t.Helper()
		must(t, s.View(t.Context(), "one", func(x *deskside.Session) error {
			if x.Number != want {
				t.Errorf("the session goes to %d, want %d", x.Number, want)
			}
			return nil
		}))
	}
	wantNumber(here, 3)
	wantNumber(there, 3)
	execute(t, url, "DELETE FROM events WHERE seq = 3", "UPDATE heads SET number = 2")()
	wantNumber(here, 2)
	must(t, post(t.Context(), there, "one", "again"))
	wantNumber(here, 3)
	wantNumber(there, 3)
}

// testNodesDie lets a large node die: its connections are removed while
// another one goes on beating, and people connect to it.
func testNodesDie(t *testing.T, here, there *store.Store, url string) {
	const people = 10_000
	ctx := t.Context()
	must(t, post(ctx, here, "one", "text"))
	c, err := pgx.Connect(ctx, url)
	must(t, err)
	t.Cleanup(func() { c.Close(context.Background()) })
	_, err = c.Exec(ctx, `INSERT INTO connections (id, node, session, participant, away)
		SELECT 'c' || n, 'dead', s.row, 'p' || n, 0 FROM generate_series(1, $1::int) n, sessions s`, people)
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		lost, err := here.Bereave(ctx, time.Now().Add(-20*time.Second))
		must(t, err)
		if len(lost) != people {
			t.Errorf("%d have lost connections, want %d", len(lost), people)
		}
	}()
	meanwhile := 0
	for left := true; left; meanwhile++ {
		_, err := there.Beat(ctx, "alive")
		must(t, err)
		must(t, there.Connect(ctx, deskside.Connection{ID: fmt.Sprint("new ", meanwhile), Node: "alive", Session: "one", Participant: "new"}))
		select {
		case <-done:
			left = false
		default:
		}
	}
	if meanwhile < 5 {
		t.Errorf("another node came %d times in between", meanwhile)
	}
	absent, err := here.Absent(ctx, time.Now().Add(time.Hour))
	must(t, err)
	if len(absent) != people {
		t.Errorf("%d are absent, want %d", len(absent), people)
	}
}
