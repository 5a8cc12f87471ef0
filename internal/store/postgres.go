package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"deskside"
)

const (
	// postgresWriters is how many transactions of one node are open at once:
	// one for messages, whose batches are then as large as can be, and one for
	// what belongs to no session.
	postgresWriters = 2
	// postgresReserve is how many connections no read ever takes: those of the
	// writers, and one to purge.
	postgresReserve = postgresWriters + 1
	// postgresConns bounds the connections of one node.
	postgresConns = postgresReserve + 8
	// stalled is when a transaction is given up: the server, or the way to it,
	// is gone. Whoever waits hears that nothing can be stored now.
	stalled = 5 * time.Second
	// abandoned is when the server ends a transaction whose node is silent, so
	// that a node that stands still holds nobody up for longer.
	abandoned = 10 * time.Second
	// reconnectFor bounds one try to connect.
	reconnectFor = 3 * time.Second
	// vacuumFor bounds the vacuum that purges what was erased.
	vacuumFor = 10 * time.Minute
)

// aloneLock is the advisory lock of small writes. The number means nothing but
// that nobody else uses it.
const aloneLock = 0x6465736b73696465

// postgres is the engine of a store that several nodes share. All of them
// hold sessions in memory; what counts is the number of the row in heads,
// which whoever appends has locked.
type postgres struct {
	store   *Store
	url     string
	pool    *pgxpool.Pool
	read    *sql.DB // the pool, for reads
	replica *sql.DB // nil where there is none
	purged  time.Time
}

func (e *postgres) open(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", withoutPassword(e.url), err), e.close())
		}
	}()
	config, err := pgxpool.ParseConfig(e.url)
	if err != nil {
		return errors.New("the URL is wrong") // what pgx says may hold the password
	}
	config.MaxConns = max(config.MaxConns, postgresConns)
	reach(config.ConnConfig)
	params := config.ConnConfig.RuntimeParams
	params["idle_in_transaction_session_timeout"] = fmt.Sprint(abandoned.Milliseconds())
	if params["application_name"] == "" {
		params["application_name"] = "deskside"
	}
	if e.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return err
	}
	e.read = stdlib.OpenDBFromPool(e.pool)
	e.read.SetMaxOpenConns(int(config.MaxConns) - postgresReserve)
	if err := e.check(ctx); err != nil {
		return err
	}
	if e.store.opt.existing {
		if err := e.checkTables(ctx); err != nil {
			return err
		}
	}
	if err := e.migrate(ctx); err != nil {
		return err
	}
	if e.store.opt.Replica != "" {
		e.replica, err = openReplica(e.store.opt.Replica)
	}
	return err
}

// reach bounds how long it takes to find out that a server is gone without a
// word: when it is connected to, and while nothing is asked.
func reach(config *pgx.ConnConfig) {
	config.ConnectTimeout = reconnectFor
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: stalled, Interval: stalled / 3, Count: 3}}
	config.DialFunc = dialer.DialContext
}

func openReplica(url string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the replica's URL is wrong")
	}
	reach(config)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(readers)
	return db, nil
}

// withoutPassword is a URL as it may be shown.
func withoutPassword(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "the database"
	}
	return u.Redacted()
}

// check refuses a server that is too old, and says what makes one forget.
func (e *postgres) check(ctx context.Context) error {
	var version int
	var commit, fsync string
	err := e.pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, current_setting('synchronous_commit'), current_setting('fsync')").
		Scan(&version, &commit, &fsync)
	if err != nil {
		return err
	}
	if version < 150000 {
		return fmt.Errorf("PostgreSQL 15 or later is needed; this one is %d", version/10000)
	}
	if commit == "off" || fsync == "off" {
		e.store.log.Warn("this PostgreSQL may lose what was said when its machine fails", "synchronous_commit", commit, "fsync", fsync)
	}
	return nil
}

// checkTables refuses a database that holds nothing of ours.
func (e *postgres) checkTables(ctx context.Context) error {
	var ours bool
	err := e.pool.QueryRow(ctx, "SELECT to_regclass('sessions') IS NOT NULL").Scan(&ours)
	if err == nil && !ours {
		err = errors.New("this database holds nothing of Deskside's")
	}
	return err
}

// migrate brings the tables up to date. Nodes that start together wait for
// each other.
func (e *postgres) migrate(ctx context.Context) error {
	steps, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, e.read, steps, goose.WithLogger(goose.NopLogger()), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

func (e *postgres) close() error {
	var errs []error
	for _, db := range []*sql.DB{e.replica, e.read} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if e.pool != nil {
		e.pool.Close()
	}
	return errors.Join(errs...)
}

func (e *postgres) run(context.Context) {}

func (e *postgres) writers() int { return postgresWriters }

func (e *postgres) reader() (*sql.DB, error) { return e.read, nil }

func (e *postgres) archive() (*sql.DB, error) {
	if e.replica != nil {
		return e.replica, nil
	}
	return e.read, nil
}

// values replaces what PostgreSQL has no text for: it knows no NUL, and
// nothing but UTF-8.
func (e *postgres) values(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = cleanText(s)
		}
	}
	return args
}

func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// number asks: another node may have appended.
func (e *postgres) number(ctx context.Context, row, _ int64) (int64, error) {
	numbers, err := query(ctx, e.store, "read how far a session goes", func(n *int64) []any { return []any{n} },
		"SELECT number FROM heads WHERE session = $1", row)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	return numbers[0], nil
}

func (e *postgres) numbers(ctx context.Context, ids []deskside.SessionID) ([]deskside.Hint, error) {
	return query(ctx, e.store, "read how far sessions go", hintFields,
		"SELECT s.id, h.number FROM sessions s JOIN heads h ON h.session = s.row WHERE s.id = ANY($1)", texts(ids))
}

func texts(ids []deskside.SessionID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = cleanText(string(id))
	}
	return list
}

// kindOf follows appendix A of PostgreSQL's manual.
func (e *postgres) kindOf(err error) kind {
	if errors.Is(err, errAhead) {
		return again
	}
	var fault *pgconn.PgError
	if errors.As(err, &fault) {
		switch fault.Code {
		case "40001", "40P01", "23505": // serialization, deadlock; a row that was not there a moment ago
			return again
		case "55P03", "57014": // lock or statement timeout
			return busy
		case "53100": // disk full
			return full
		case "25006", "25P03": // read-only: a standby now; a transaction that took too long
			return broken
		}
		switch fault.Code[:2] {
		case "08", "53", "57", "58", "XX", "F0": // connection, resources, shutdown, the system, the server itself
			return broken
		}
	}
	if errors.Is(err, driver.ErrBadConn) {
		return broken
	}
	return own
}

// heal shows that the database stores.
func (e *postgres) heal(ctx context.Context, _ error) error {
	e.pool.Reset() // connections of before may lead to a server that is none any more
	t, err := e.begin(ctx, false, longestLock)
	if err != nil {
		return err
	}
	if err := t.exec("INSERT INTO moments (name, at) VALUES ('probe', 1) ON CONFLICT (name) DO UPDATE SET at = moments.at + 1"); err != nil {
		return t.rollback(err)
	}
	return t.commit()
}

// purge lets the server clear away what was erased. How long its files, its
// write-ahead log and its backups keep bytes of it is up to the server.
func (e *postgres) purge(ctx context.Context) error {
	now := e.store.now()
	some, err := e.store.hasResidue(ctx)
	if err != nil || !some || now.Sub(e.purged) < purgeEvery {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, vacuumFor)
	defer cancel()
	if _, err := e.pool.Exec(ctx, "VACUUM sessions, events, heads, history, keys, guests, marks, invitations, files"); err != nil {
		return failed("purge what was erased", err)
	}
	e.purged = now
	return e.store.dropResidue(ctx)
}

func (e *postgres) search(ctx context.Context, q deskside.HistoryQuery, before int64, words []word) ([]historyRow, error) {
	db, err := e.archive()
	if err != nil {
		return nil, err
	}
	terms := make([]string, len(words))
	for i, w := range words {
		terms[i] = "'" + lexeme(w.folded) + "'" // of letters and digits alone
	}
	return queryFrom(ctx, e.store, db, "search history", (*historyRow).fields,
		"SELECT s.overview, h.body FROM history h JOIN sessions s ON s.row = h.session WHERE h.words @@ $4::tsquery"+whose,
		string(q.Agent), before, q.Limit, strings.Join(terms, " & ")+":*")
}

// maxLexeme bounds a word in the index of History, in bytes; PostgreSQL's own
// bound is 2,046.
const maxLexeme = 200

// maxLexemes bounds the words of one session in it, in bytes; PostgreSQL's own
// bound is 1 MiB, with some overhead for each.
const maxLexemes = 500_000

// lexeme is a word as the index of History has it.
func lexeme(word string) string {
	if len(word) <= maxLexeme {
		return word
	}
	return strings.ToValidUTF8(word[:maxLexeme], "")
}

// lexemes returns the words of a document, each once.
func lexemes(document string) []string {
	seen := make(map[string]bool)
	var list []string
	size := 0
	for _, w := range wordsOf(document) {
		l := lexeme(w.folded)
		if l == "" || seen[l] || size > maxLexemes {
			continue
		}
		seen[l] = true
		list = append(list, l)
		size += len(l) + 8
	}
	return list
}
