package store

import (
	"context"
	"database/sql"
	"time"

	"deskside"
)

// An engine is a database as the store needs it. What is written here as SQL
// is understood by all of them; where they differ, the engine has a method.
type engine interface {
	// open connects, and brings the tables up to date.
	open(ctx context.Context) error
	close() error
	// run does what the database needs beside the calls, until ctx ends.
	run(ctx context.Context)
	// writers is how many transactions of one store are open at once.
	writers() int
	// begin opens a transaction, which is over once it is committed or rolled
	// back. In one that is alone no other node does small writes meanwhile. It
	// waits no longer than wait for what another node has locked.
	begin(ctx context.Context, alone bool, wait time.Duration) (transaction, error)
	// kindOf tells what an error, which is not nil, means.
	kindOf(err error) kind
	// heal makes the database store again after a fault, and shows that it
	// does.
	heal(ctx context.Context, fault error) error

	// reader returns the connections for reads; CodeUnavailable where there
	// are none now.
	reader() (*sql.DB, error)
	// archive returns those for reads that may be some seconds old.
	archive() (*sql.DB, error)
	// values turns arguments into such as the database takes.
	values(args []any) []any
	// number returns the number of the session's last event, 0 where it is
	// gone. known is what the caller has; where nobody else appends, it is
	// that.
	number(ctx context.Context, row, known int64) (int64, error)
	// numbers returns how far the logs of those sessions go.
	numbers(ctx context.Context, ids []deskside.SessionID) ([]deskside.Hint, error)
	// search returns the ended sessions in which all the words are, of which
	// the last is a beginning, newest first.
	search(ctx context.Context, q deskside.HistoryQuery, before int64, words []word) ([]historyRow, error)
	// purge removes the remains of what was erased from the files.
	purge(ctx context.Context) error
}

// A transaction is open until commit or rollback. Only one goroutine uses it.
type transaction interface {
	// exec runs a statement. It may wait, and fail, with what comes next.
	exec(query string, args ...any) error
	// scan reads one row; found is false where there is none.
	scan(query string, args []any, into ...any) (found bool, err error)
	// each calls f after a row of the answer was read into the variables.
	each(query string, args []any, into []any, f func() error) error
	// fresh brings sessions up to the log, and lets nobody else append to them
	// until the transaction is over: those that are in memory already, and
	// those of which nothing but the id is known.
	fresh(known, unknown []*folded) error
	// append adds events to the log.
	append(rows []eventRow) error
	// alone lets no other node do small writes until the transaction is over.
	alone() error
	// index makes a document, of these words, that History finds.
	index(row int64, document string) error
	// startAfter lets new sessions get rows after that one.
	startAfter(row int64) error
	// forget erases what the engine alone keeps of a session.
	forget(row int64) error
	commit() error
	// rollback takes the transaction back because of err, and returns what
	// that means.
	rollback(err error) error
}

type eventRow struct {
	session, seq int64
	json         []byte
}

// A kind says what an error means for the store.
type kind int

const (
	own    kind = iota // the call's own fault: the others may go on
	again              // another node was in between: to be tried once more
	busy               // another process held the database for too long
	full               // there is no space; nothing was written, nothing is in doubt
	broken             // what reached the disk is in doubt
)

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// flag is a bool as all engines keep it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
