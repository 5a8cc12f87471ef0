package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"deskside"
)

// sqlite is the engine of a store in one file.
type sqlite struct {
	store   *Store
	path    string
	db      atomic.Pointer[database] // nil while a recovery opens it anew
	lastRow int64                    // of the table of events; the writer's, or the recovery's while it stands still
	purged  time.Time                // when the remains of what was erased were removed last
}

const (
	// checkpointEvery is how often the write-ahead log is brought into the
	// database, by a connection of its own so that the writer need not wait.
	checkpointEvery = time.Second
	// checkFor bounds the check of a database that was opened anew. What is
	// sound so far may be used; a large one takes minutes to read.
	checkFor = 10 * time.Second
)

// open opens the database and finds the end of the log.
func (e *sqlite) open(ctx context.Context) error {
	if e.store.opt.existing {
		if _, err := os.Stat(e.path); err != nil {
			return fmt.Errorf("there is no database at %s: %w", e.path, err)
		}
	}
	db, err := openDatabase(ctx, e.path, e.store.opt.MaxPages)
	if err != nil {
		return err
	}
	var last int64
	if err := db.read.QueryRowContext(ctx, "SELECT coalesce(max(rowid), 0) FROM events").Scan(&last); err != nil {
		return errors.Join(err, db.close())
	}
	e.lastRow = max(e.lastRow, last)
	e.db.Store(db)
	return nil
}

func (e *sqlite) close() error {
	if db := e.db.Swap(nil); db != nil {
		return db.close()
	}
	return nil
}

// run brings the write-ahead log into the database now and then.
func (e *sqlite) run(ctx context.Context) {
	ticker := time.NewTicker(checkpointEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			e.checkpoint(ctx)
		}
	}
}

func (e *sqlite) checkpoint(ctx context.Context) {
	db := e.db.Load()
	if db == nil || e.store.fault.Load() != nil {
		return
	}
	_, err := db.read.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	if err == nil || ctx.Err() != nil {
		return
	}
	// The writer decides what it means: a disk that fails here fails there.
	_ = e.store.do(ctx, func(*tx) error { return err })
}

// writers is 1: SQLite has one transaction that writes.
func (e *sqlite) writers() int { return 1 }

func (e *sqlite) reader() (*sql.DB, error) {
	if db := e.db.Load(); db != nil {
		return db.read, nil
	}
	return nil, unavailable("the database is being opened anew")
}

func (e *sqlite) archive() (*sql.DB, error) { return e.reader() }

func (e *sqlite) values(args []any) []any { return args }

// number is what is known: nobody else appends.
func (e *sqlite) number(_ context.Context, _, known int64) (int64, error) { return known, nil }

func (e *sqlite) numbers(ctx context.Context, ids []deskside.SessionID) ([]deskside.Hint, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return query(ctx, e.store, "read how far sessions go", hintFields, `SELECT s.id, (SELECT max(e.seq) FROM events e WHERE e.session = s.row)
		FROM sessions s WHERE s.id IN (SELECT value FROM json_each($1))`, string(list))
}

func (e *sqlite) kindOf(err error) kind { return sqliteKind(err) }

func sqliteKind(err error) kind {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return broken
	}
	var fault *sqlite3.Error
	if !errors.As(err, &fault) {
		return own
	}
	switch fault.Code() & 0xff { // the rest is the extended code
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return busy
	case codes.SQLITE_FULL:
		return full
	case codes.SQLITE_IOERR, codes.SQLITE_READONLY, codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB, codes.SQLITE_CANTOPEN,
		codes.SQLITE_NOMEM, codes.SQLITE_PROTOCOL, codes.SQLITE_PERM, codes.SQLITE_AUTH, codes.SQLITE_NOLFS:
		return broken
	}
	return own
}

// heal opens the database anew, if it must, and shows that it stores. After a
// failed sync nobody knows what is on the disk. Where only space is missing it
// stays open, so that it can be read.
func (e *sqlite) heal(ctx context.Context, fault error) error {
	if db := e.db.Load(); db == nil || sqliteKind(fault) != full {
		e.db.Store(nil)
		if db != nil {
			if err := db.close(); err != nil {
				e.store.log.Warn("the failed database did not close cleanly", "error", err)
			}
		}
		if err := e.open(ctx); err != nil {
			return err
		}
		if err := e.db.Load().check(ctx); err != nil {
			return err
		}
	}
	return e.db.Load().probe()
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
	if err := db.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := db.exec("INSERT INTO moments (name, at) VALUES ('probe', 1) ON CONFLICT DO UPDATE SET at = at + 1")
	if err == nil {
		err = db.exec("COMMIT")
	}
	if err != nil {
		_ = db.exec("ROLLBACK") // SQLite may have done so itself
	}
	return err
}

// sqliteTx is the writer's transaction.
type sqliteTx struct {
	engine *sqlite
	*database
}

func (e *sqlite) begin(context.Context, bool, time.Duration) (transaction, error) {
	t := &sqliteTx{e, e.db.Load()}
	return t, t.exec("BEGIN IMMEDIATE")
}

func (t *sqliteTx) commit() error {
	if err := t.exec("COMMIT"); err != nil {
		return t.rollback(err)
	}
	return nil
}

// rollback takes the transaction back because of err. After a fault of the
// disk SQLite has mostly done so itself, and complains.
func (t *sqliteTx) rollback(err error) error {
	rollErr := t.exec("ROLLBACK")
	if kind := sqliteKind(err); rollErr != nil && (kind == own || kind == busy) {
		return errors.Join(err, fmt.Errorf("%w: %w", driver.ErrBadConn, rollErr)) // it is still open
	}
	return err
}

func (t *sqliteTx) alone() error { return nil }

// scan reads one row.
func (t *sqliteTx) scan(query string, args []any, into ...any) (found bool, err error) {
	statement, err := t.prepare(query)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(context.Background(), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// fresh reads the sessions that are not in memory. Those that are have missed
// nothing: this is the only writer.
func (t *sqliteTx) fresh(_, unknown []*folded) error {
	for _, f := range unknown {
		found, err := t.scan("SELECT s.row FROM sessions s WHERE s.id = $1", []any{string(f.session.ID)}, &f.row)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		events, err := eventsIn(t, f.row)
		if err != nil {
			return err
		}
		f.apply(events)
	}
	return nil
}

func (t *sqliteTx) each(query string, args []any, into []any, f func() error) error {
	statement, err := t.prepare(query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := f(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// insertAtOnce is how many events one statement inserts.
const insertAtOnce = 16

var insertEvents = map[int]string{1: insertSQL(1), insertAtOnce: insertSQL(insertAtOnce)}

func insertSQL(n int) string {
	query := "INSERT INTO events (rowid, session, seq, json) VALUES (?, ?, ?, ?)"
	for range n - 1 {
		query += ", (?, ?, ?, ?)"
	}
	return query
}

// append inserts the events. Row numbers only ever rise, so that they go to
// the end of the table.
func (t *sqliteTx) append(rows []eventRow) error {
	for len(rows) > 0 {
		n := 1
		if len(rows) >= insertAtOnce {
			n = insertAtOnce
		}
		args := make([]any, 0, 4*n)
		for _, r := range rows[:n] {
			t.engine.lastRow++
			args = append(args, t.engine.lastRow, r.session, r.seq, r.json)
		}
		if err := t.exec(insertEvents[n], args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (t *sqliteTx) index(row int64, document string) error {
	return errors.Join(
		t.exec("DELETE FROM history WHERE rowid = $1", row),
		t.exec("INSERT INTO history (rowid, body) VALUES ($1, $2)", row, document))
}

// startAfter has nothing to do: SQLite continues after the highest row.
func (t *sqliteTx) startAfter(int64) error { return nil }

func (t *sqliteTx) forget(row int64) error {
	return t.exec("DELETE FROM history WHERE rowid = $1", row)
}

// search asks FTS5, with every word quoted, so that none is an operator.
func (e *sqlite) search(ctx context.Context, q deskside.HistoryQuery, before int64, words []word) ([]historyRow, error) {
	return query(ctx, e.store, "search history", (*historyRow).fields,
		`SELECT s.overview, h.body FROM history h JOIN sessions s ON s.row = h.rowid WHERE history MATCH $4`+whose,
		string(q.Agent), before, q.Limit, match(words))
}

func match(words []word) string {
	terms := make([]string, len(words))
	for i, w := range words {
		terms[i] = `"` + w.text + `"` // of letters and digits alone
	}
	return strings.Join(terms, " ") + "*"
}
