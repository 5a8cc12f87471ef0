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
//
// The rules look at folded sessions, which the writer keeps in memory
// (states.go). Reads go to connections of their own.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"deskside"
)

//go:embed migrations/*.sql
var migrations embed.FS

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

	jobs   chan *job
	states *states
	read   atomic.Pointer[sql.DB] // for reads; replaced by a recovery
	fault  atomic.Pointer[error]  // why nothing is stored now; nil while all is well

	write      *sql.DB   // for the writer; only its goroutine uses it
	conn       *sql.Conn // the writer's one connection
	statements map[string]*sql.Stmt

	stop chan struct{}
	done sync.WaitGroup
	once sync.Once
}

const (
	// readers is how many reads run at once.
	readers = 4
	// busyTimeout is how long to wait for another process, the command line,
	// that writes to the same file.
	busyTimeout = 10 * time.Second
	// checkpointEvery is how often the write-ahead log is brought into the
	// database, by a connection of its own so that the writer need not wait.
	checkpointEvery = time.Second
	// checkpointPages is at how many pages the writer does so itself after
	// all, because the other could not keep up.
	checkpointPages = 16_000
)

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
		jobs: make(chan *job, queueLength), states: newStates(), stop: make(chan struct{}),
	}
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.done.Go(s.run)
	s.done.Go(s.checkpoint)
	return s, nil
}

// open opens the connections and migrates.
func (s *SQLite) open(ctx context.Context) error {
	write, err := sql.Open("sqlite", s.source("immediate"))
	if err != nil {
		return err
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return errors.Join(fmt.Errorf("open %s: %w", s.path, err), write.Close())
	}
	conn, err := write.Conn(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("open %s: %w", s.path, err), write.Close())
	}
	read, err := sql.Open("sqlite", s.source("deferred")+"&_pragma=query_only(1)")
	if err != nil {
		return errors.Join(err, conn.Close(), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	s.write, s.conn, s.statements = write, conn, make(map[string]*sql.Stmt)
	s.read.Store(read)
	return nil
}

// source is the database's name with the pragmas of every connection.
func (s *SQLite) source(lock string) string {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)", // NORMAL loses acknowledged messages when the power fails
		"secure_delete(1)",  // what is erased leaves no bytes behind
		"cache_size(-16384)",
		"temp_store(MEMORY)",
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
		"journal_size_limit(67108864)", // the log's file shrinks again after a burst
	}}
	if s.opt.MaxPages > 0 {
		q.Add("_pragma", fmt.Sprintf("max_page_count(%d)", s.opt.MaxPages))
	}
	return "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?" + q.Encode()
}

func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Close stores what waits and closes the database.
func (s *SQLite) Close() error {
	var err error
	s.once.Do(func() {
		close(s.stop)
		s.done.Wait()
		err = s.shut()
	})
	return err
}

// shut closes the connections.
func (s *SQLite) shut() error {
	var errs []error
	if read := s.read.Swap(nil); read != nil {
		errs = append(errs, read.Close())
	}
	if s.conn != nil {
		for _, statement := range s.statements {
			errs = append(errs, statement.Close())
		}
		errs = append(errs, s.conn.Close(), s.write.Close())
	}
	s.write, s.conn, s.statements = nil, nil, nil
	return errors.Join(errs...)
}

// checkpoint brings the write-ahead log into the database now and then.
func (s *SQLite) checkpoint() {
	ticker := time.NewTicker(checkpointEvery)
	defer ticker.Stop()
	db, err := sql.Open("sqlite", s.source("deferred"))
	if err != nil {
		s.log.Error("no checkpoints", "error", err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(0) // a recovery must find the file closed
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
			if s.fault.Load() != nil {
				continue
			}
			if _, err := db.Exec("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
				s.log.Warn("checkpoint failed", "error", err) // the writer hears of it at its next sync
			}
		}
	}
}

// Ready says why nothing can be stored now, or nil.
func (s *SQLite) Ready(context.Context) error {
	if fault := s.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// reader returns the connections for reads.
func (s *SQLite) reader() (*sql.DB, error) {
	if db := s.read.Load(); db != nil {
		return db, nil
	}
	return nil, deskside.Unavailable(errors.New("the database is being opened anew"))
}

// failed turns a fault of the database into a refusal; context errors and
// refusals stay what they are.
func failed(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), deskside.CodeOf(err) != deskside.CodeInternal:
		return err
	}
	return deskside.Unavailable(fmt.Errorf("%s: %w", what, err))
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
