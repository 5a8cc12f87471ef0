package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"deskside"
)

const (
	// The waits between tries to go on after a fault: the first try is made at
	// once, then they double.
	firstWait, longestWait = 100 * time.Millisecond, 2 * time.Second
	// checkFor bounds the check of a database that was opened anew. What is
	// sound so far may be used; a large one takes minutes to read.
	checkFor = 10 * time.Second
)

// A kind says what an error means for the store.
type kind int

const (
	own    kind = iota // the call's own fault: the others may go on
	busy               // another process held the database for too long
	full               // there is no space; nothing was written, nothing is in doubt
	broken             // what reached the disk is in doubt
)

// kindOf tells what err, which is not nil, means.
func kindOf(err error) kind {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return broken
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return own
	}
	switch e.Code() & 0xff { // the rest is the extended code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return busy
	case sqlite3.SQLITE_FULL:
		return full
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOLFS:
		return broken
	}
	return own
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

// broke stops the acknowledging and begins the recovery. Only the writer
// calls it, and does not touch the database until the fault is gone.
func (s *SQLite) broke(ctx context.Context, fault error) {
	s.fault.Store(&fault)
	s.log.Error("the database failed; nothing is stored until it is well again", "error", fault)
	s.done.Go(func() { s.recover(ctx, kindOf(fault) != full) })
}

// recover tries until the database stores again. anew says that it has to be
// opened anew first: after a failed sync nobody knows what is on the disk.
// Where only space is missing it stays open, so that it can be read.
func (s *SQLite) recover(ctx context.Context, anew bool) {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := s.heal(ctx, anew)
		if err == nil {
			s.sessions.clear() // they may lack what a failed commit stored after all
			s.fault.Store(nil)
			s.log.Info("the database stores again")
			return
		}
		anew = kindOf(err) != full
		s.fault.Store(&err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// heal opens the database anew, if it must, and shows that it stores.
func (s *SQLite) heal(ctx context.Context, anew bool) error {
	if db := s.db.Load(); anew || db == nil {
		s.db.Store(nil)
		if db != nil {
			if err := db.close(); err != nil {
				s.log.Warn("the failed database did not close cleanly", "error", err)
			}
		}
		if err := s.open(ctx); err != nil {
			return err
		}
		if err := s.db.Load().check(ctx); err != nil {
			return err
		}
	}
	return s.db.Load().probe()
}

// check looks for damage.
func (db *database) check(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	var verdict string
	err := db.read.QueryRowContext(limited, "PRAGMA quick_check(1)").Scan(&verdict)
	switch {
	case ctx.Err() == nil && limited.Err() != nil:
		return nil // no damage so far
	case err != nil:
		return err
	case verdict != "ok":
		return fmt.Errorf("the database is damaged: %s: %w", verdict, driver.ErrBadConn)
	}
	return nil
}

// probe stores something, durably.
func (db *database) probe() error {
	if _, err := db.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	_, err := db.exec("INSERT INTO settings (name, value) VALUES ('probe', 1) ON CONFLICT DO UPDATE SET value = value + 1")
	if err == nil {
		_, err = db.exec("COMMIT")
	}
	if err != nil {
		_, _ = db.exec("ROLLBACK") // SQLite may have done so itself
	}
	return err
}
