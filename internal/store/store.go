// Package store keeps the log of every session, and the rest, in SQLite or in
// PostgreSQL.
//
// It guarantees:
//   - What a call has stored is on stable storage when the call returns: with
//     SQLite by WAL and synchronous=FULL, with PostgreSQL as far as the server
//     keeps its word. The first write or sync that fails stops the
//     acknowledging, until the database has shown that it stores again
//     (recover.go).
//   - Numbers of a session have no gap, whichever node gives them, and nobody
//     reads an event before its transaction has committed.
//   - Everything that waits is stored by one transaction with one sync (group
//     commit, writer.go). No call waits for a timer.
//   - A call that fails, even by a defect of its caller, hurts no other call
//     of the same transaction.
//
// The rules look at folded sessions, which stay in memory while they are used
// (sessions.go). Reads go to connections of their own (read.go). What differs
// between databases is behind [engine].
package store

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"deskside"
)

// Options are a store's settings.
type Options struct {
	Clock  func() time.Time // time.Now by default
	Logger *slog.Logger     // discards by default
	// Replica is the URL of a PostgreSQL server that follows the database,
	// some seconds late at most, for reads of History; "" for none.
	Replica string
	// MaxPages bounds a database of SQLite in pages of 4 KiB, for tests of a
	// full disk; 0 for no bound.
	MaxPages int

	migrating bool // it is being filled by Migrate
	existing  bool // it is not made where there is none
	unhurried bool // its reads may take long
}

// A Store is a store in one database. It is safe for concurrent use.
type Store struct {
	engine engine
	opt    Options
	now    func() time.Time
	log    *slog.Logger

	seed     maphash.Seed
	writers  []chan *job // the first one's are those that belong to no session
	sessions *sessions
	fault    atomic.Pointer[error] // why nothing is stored now; nil while all is well

	forgetting sync.Mutex // held while sessions are erased

	end  context.CancelFunc // ends what runs beside the calls
	done sync.WaitGroup

	mu     sync.RWMutex // guards closed; held for reading while a job is queued
	closed bool
}

// Open opens a database, makes its tables where there are none, and brings
// them up to date. source is the URL of a PostgreSQL database
// (postgres://…), or the path of a file of SQLite's (after sqlite:// or alone),
// which is made where there is none.
func Open(ctx context.Context, source string, opt Options) (*Store, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{opt: opt, now: opt.Clock, log: opt.Logger, seed: maphash.MakeSeed(), sessions: newSessions()}
	if IsPostgres(source) {
		s.engine = &postgres{store: s, url: source}
	} else {
		s.engine = &sqlite{store: s, path: strings.TrimPrefix(source, "sqlite://")}
	}
	if err := s.engine.open(ctx); err != nil {
		return nil, err
	}
	if _, half, err := s.begun(ctx); err != nil || half && !opt.migrating {
		if err == nil {
			err = errors.New("this database was not filled to the end: run migrate-store again")
		}
		return nil, errors.Join(err, s.engine.close())
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	for i := range s.engine.writers() {
		jobs := make(chan *job, queueLength/s.engine.writers())
		s.writers = append(s.writers, jobs)
		s.done.Go(func() { s.write(life, jobs, i == 0) })
	}
	s.done.Go(func() { s.engine.run(life) })
	return s, nil
}

// IsPostgres says whether a source names a database of PostgreSQL's.
func IsPostgres(source string) bool {
	return strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://")
}

// Close stores what waits and closes the database. Closing again does
// nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.end()
	s.done.Wait()
	return s.engine.close()
}

// Ready says why nothing can be stored now, or nil.
func (s *Store) Ready(context.Context) error {
	if fault := s.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// queueOf is where the writes of a session wait. One session always has the
// same writer, which is why they keep their order.
func (s *Store) queueOf(id deskside.SessionID) chan *job {
	if id == "" || len(s.writers) == 1 {
		return s.writers[0]
	}
	return s.writers[1+maphash.String(s.seed, string(id))%uint64(len(s.writers)-1)]
}

func unavailable(why string) error { return deskside.Unavailable(errors.New(why)) }
