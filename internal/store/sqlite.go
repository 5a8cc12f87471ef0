// Package store keeps the log of every session, and the rest, in SQLite.
//
// It guarantees:
//   - What a call has stored is on stable storage when the call returns: WAL
//     with synchronous=FULL. The first write or sync that fails stops the
//     acknowledging; the database is closed, opened anew and checked before it
//     goes on (recover.go).
//   - Numbers of a session have no gap, and nobody reads an event before its
//     transaction has committed.
//   - Everything that waits is stored by one transaction with one sync (group
//     commit, writer.go). No call waits for a timer.
//   - A call that fails, even by a defect of its caller, hurts no other call
//     of the same transaction.
//
// The rules look at folded sessions, which stay in memory while they are used
// (sessions.go). Reads go to connections of their own (read.go).
package store

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"deskside"
)

// Options are a store's settings.
type Options struct {
	Clock  func() time.Time // time.Now by default
	Logger *slog.Logger     // discards by default
	// MaxPages bounds the database in pages of 4 KiB, for tests of a full
	// disk; 0 for no bound.
	MaxPages int
}

// SQLite is a store in one SQLite database. It is safe for concurrent use.
type SQLite struct {
	path string
	opt  Options
	now  func() time.Time
	log  *slog.Logger

	jobs     chan *job
	sessions *sessions
	db       atomic.Pointer[database] // nil while a recovery opens it anew
	fault    atomic.Pointer[error]    // why nothing is stored now; nil while all is well
	lastRow  int64                    // of the table of events; the writer's, or the recovery's while it stands still

	forgetting sync.Mutex // guards purged, and is held while sessions are erased
	purged     time.Time  // when their remains were removed last

	end  context.CancelFunc // ends what runs beside the calls
	done sync.WaitGroup

	mu     sync.RWMutex // guards closed; held for reading while a job is queued
	closed bool
}

// checkpointEvery is how often the write-ahead log is brought into the
// database, by a connection of its own so that the writer need not wait.
const checkpointEvery = time.Second

// Open opens the database at path, makes it where there is none, and brings
// its tables up to date.
func Open(ctx context.Context, path string, opt Options) (*SQLite, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	s := &SQLite{
		path: path, opt: opt, now: opt.Clock, log: opt.Logger,
		jobs: make(chan *job, queueLength), sessions: newSessions(),
	}
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	s.done.Go(func() { s.write(life) })
	s.done.Go(func() { s.checkpoint(life) })
	return s, nil
}

// open opens the database and finds the end of the log.
func (s *SQLite) open(ctx context.Context) error {
	db, err := openDatabase(ctx, s.path, s.opt.MaxPages)
	if err != nil {
		return err
	}
	var last int64
	if err := db.read.QueryRowContext(ctx, "SELECT coalesce(max(rowid), 0) FROM events").Scan(&last); err != nil {
		return errors.Join(err, db.close())
	}
	s.lastRow = max(s.lastRow, last)
	s.db.Store(db)
	return nil
}

// Close stores what waits and closes the database. Closing again does
// nothing.
func (s *SQLite) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.end()
	s.done.Wait()
	if db := s.db.Swap(nil); db != nil {
		return db.close()
	}
	return nil
}

// Ready says why nothing can be stored now, or nil.
func (s *SQLite) Ready(context.Context) error {
	if fault := s.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// checkpoint brings the write-ahead log into the database now and then.
func (s *SQLite) checkpoint(ctx context.Context) {
	ticker := time.NewTicker(checkpointEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.checkpointOnce(ctx)
		}
	}
}

func (s *SQLite) checkpointOnce(ctx context.Context) {
	db := s.db.Load()
	if db == nil || s.fault.Load() != nil {
		return
	}
	_, err := db.read.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	if err == nil || ctx.Err() != nil {
		return
	}
	// The writer decides what it means: a disk that fails here fails there.
	_ = s.do(ctx, func(*tx) error { return err })
}

// reader returns the connections for reads.
func (s *SQLite) reader() (*database, error) {
	if db := s.db.Load(); db != nil {
		return db, nil
	}
	return nil, deskside.Unavailable(errors.New("the database is being opened anew"))
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
