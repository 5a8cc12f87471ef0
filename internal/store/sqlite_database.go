package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*/*.sql
var migrations embed.FS

const (
	// readers is how many reads run at once.
	readers = 4
	// busyTimeout is how long to wait for another process, the command line,
	// that writes to the same file.
	busyTimeout = 10 * time.Second
	// checkpointPages is at how many pages of write-ahead log the writer
	// brings them into the database itself: mostly they are there already.
	checkpointPages = 16_000
	// largestLog is how large the log's file may stay after a burst, in bytes.
	largestLog = 64 << 20
	// migrationTries is how often to try where another process migrates too.
	migrationTries = 5
)

// A database is the open file: one connection that writes and some that read.
type database struct {
	read       *sql.DB
	write      *sql.DB
	conn       *sql.Conn            // the only one of write
	statements map[string]*sql.Stmt // of conn, by their text
}

// openDatabase opens the file and migrates it.
func openDatabase(ctx context.Context, path string, maxPages int) (db *database, err error) {
	source, err := source(path, maxPages)
	if err != nil {
		return nil, err
	}
	db = &database{statements: make(map[string]*sql.Stmt)}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", path, err), db.close())
			db = nil
		}
	}()
	if db.write, err = sql.Open("sqlite", source); err != nil {
		return db, err
	}
	db.write.SetMaxOpenConns(1)
	if err = migrate(ctx, db.write); err != nil {
		return db, err
	}
	if db.conn, err = db.write.Conn(ctx); err != nil {
		return db, err
	}
	if db.read, err = sql.Open("sqlite", source+"&_pragma=query_only(1)"); err != nil {
		return db, err
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	return db, nil
}

// source is the database's name with the pragmas of every connection.
func source(path string, maxPages int) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	pragmas := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)",  // reads don't wait for writes, and a commit is one sync
		"synchronous(FULL)",  // NORMAL loses acknowledged messages when the power fails
		"secure_delete(1)",   // what is erased leaves no bytes behind
		"cache_size(-16384)", // KiB
		"temp_store(MEMORY)", // nothing that was said goes into other files
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
		fmt.Sprintf("journal_size_limit(%d)", largestLog),
	}}
	if maxPages > 0 {
		pragmas.Add("_pragma", fmt.Sprintf("max_page_count(%d)", maxPages))
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: pragmas.Encode()}).String(), nil
}

// migrate brings the tables up to date. SQLite has no lock that outlives a
// transaction, so where two processes migrate at once one of them fails, finds
// the work done, and goes on.
func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	for range migrationTries {
		if _, err = provider.Up(ctx); err == nil || sqliteKind(err) == full || sqliteKind(err) == broken {
			break
		}
	}
	return err
}

// close closes all connections.
func (db *database) close() error {
	var errs []error
	for _, statement := range db.statements {
		errs = append(errs, statement.Close())
	}
	if db.conn != nil {
		errs = append(errs, db.conn.Close())
	}
	for _, pool := range []*sql.DB{db.read, db.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// prepare prepares a statement of the writer, once.
func (db *database) prepare(query string) (*sql.Stmt, error) {
	if statement := db.statements[query]; statement != nil {
		return statement, nil
	}
	statement, err := db.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("%.60s: %w", query, err)
	}
	db.statements[query] = statement
	return statement, nil
}

// exec runs a statement of the writer. The writer's statements run to their
// end, whoever gives up waiting.
func (db *database) exec(query string, args ...any) error {
	statement, err := db.prepare(query)
	if err != nil {
		return err
	}
	if _, err := statement.ExecContext(context.Background(), args...); err != nil {
		return fmt.Errorf("%.60s: %w", query, err)
	}
	return nil
}
