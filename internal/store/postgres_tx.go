package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"deskside"
)

// postgresTx sends statements when an answer is needed, and all that wait at
// once: the way to the server counts more than the work.
type postgresTx struct {
	engine *postgres
	conn   *pgxpool.Conn
	ctx    context.Context // ends when the transaction is given up
	end    context.CancelFunc
	batch  *pgx.Batch
	read   map[int]func(pgx.BatchResults) error // how the answers of some of its statements are read
}

func (e *postgres) begin(ctx context.Context, alone bool, wait time.Duration) (transaction, error) {
	ctx, end := context.WithTimeout(ctx, stalled)
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		end()
		return nil, fmt.Errorf("%w: %w", driver.ErrBadConn, err)
	}
	t := &postgresTx{engine: e, conn: conn, ctx: ctx, end: end}
	t.clear()
	t.batch.Queue("BEGIN")
	t.batch.Queue(fmt.Sprint("SET LOCAL lock_timeout = ", wait.Milliseconds()))
	if alone {
		return t, t.alone()
	}
	return t, nil
}

func (t *postgresTx) alone() error {
	return t.exec("SELECT pg_advisory_xact_lock($1)", int64(aloneLock))
}

func (t *postgresTx) exec(query string, args ...any) error {
	t.batch.Queue(query, t.engine.values(args)...)
	return nil
}

func (t *postgresTx) clear() {
	t.batch, t.read = new(pgx.Batch), make(map[int]func(pgx.BatchResults) error)
}

// queue lets a statement wait whose answer is read by read.
func (t *postgresTx) queue(query string, args []any, read func(pgx.BatchResults) error) {
	t.read[t.batch.Len()] = read
	t.batch.Queue(query, args...)
}

// send sends what waits, and reads the answers.
func (t *postgresTx) send() error {
	batch, read := t.batch, t.read
	t.clear()
	results := t.conn.SendBatch(t.ctx, batch)
	for i := range batch.Len() {
		f := read[i]
		if f == nil {
			f = func(r pgx.BatchResults) error {
				_, err := r.Exec()
				return err
			}
		}
		if err := f(results); err != nil {
			_ = results.Close() // says the same
			return t.meaning(batch.QueuedQueries[i].SQL, err)
		}
	}
	return t.meaning("", results.Close())
}

// meaning marks an error after which the connection is gone.
func (t *postgresTx) meaning(query string, err error) error {
	switch {
	case err == nil:
		return nil
	case t.conn.Conn().IsClosed():
		return fmt.Errorf("%w: %.60s: %w", driver.ErrBadConn, query, err)
	}
	return fmt.Errorf("%.60s: %w", query, err)
}

func (t *postgresTx) scan(query string, args []any, into ...any) (found bool, err error) {
	t.queue(query, t.engine.values(args), func(r pgx.BatchResults) error {
		err := r.QueryRow().Scan(into...)
		if found = err == nil; errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	err = t.send()
	return found, err
}

func (t *postgresTx) each(query string, args []any, into []any, f func() error) error {
	t.queueEach(query, t.engine.values(args), into, f)
	return t.send()
}

// queueEach is each for a query that waits for what comes next.
func (t *postgresTx) queueEach(query string, args []any, into []any, f func() error) {
	t.queue(query, args, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, into, f)
		return err
	})
}

// fresh locks the heads of the sessions, all nodes in the same order, and
// reads what other nodes have appended: by a statement of its own, which sees
// what was committed while the first one waited for its locks.
func (t *postgresTx) fresh(known, unknown []*folded) error {
	if err := t.find(unknown); err != nil {
		return err
	}
	byRow := make(map[int64]*folded, len(known)+len(unknown))
	rows := make([]int64, 0, len(known)+len(unknown))
	for _, f := range slices.Concat(known, unknown) {
		if f.row != 0 {
			byRow[f.row] = f
			rows = append(rows, f.row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	heads := t.lock(rows)
	t.catchUp(byRow)
	if err := t.send(); err != nil {
		return err
	}
	for row, f := range byRow {
		switch number := heads[row]; {
		case number == 0: // erased meanwhile
			f.session, f.row = &deskside.Session{ID: f.session.ID}, 0
		case f.session.Number > number:
			return fmt.Errorf("session %s: %w", f.session.ID, errAhead)
		case f.session.Number != number:
			return fmt.Errorf("session %s ends with %d, and its log says %d", f.session.ID, number, f.session.Number)
		}
	}
	return nil
}

// errAhead says that a session in memory goes further than its log: the
// server that stored the rest is gone, and the one that took over lacks it.
// What is in memory is forgotten when the transaction is taken back.
var errAhead = errors.New("the log has lost its end")

// find finds the rows of sessions.
func (t *postgresTx) find(sessions []*folded) error {
	if len(sessions) == 0 {
		return nil
	}
	byID := make(map[string]*folded, len(sessions))
	ids := make([]deskside.SessionID, 0, len(sessions))
	for _, f := range sessions {
		byID[string(f.session.ID)] = f
		ids = append(ids, f.session.ID)
	}
	var id string
	var row int64
	return t.each("SELECT s.id, s.row FROM sessions s WHERE s.id = ANY($1)", []any{texts(ids)}, []any{&id, &row}, func() error {
		if f := byID[id]; f != nil {
			f.row = row
		}
		return nil
	})
}

// lock locks the heads of those sessions; what it returns gets their numbers.
func (t *postgresTx) lock(rows []int64) map[int64]int64 {
	heads := make(map[int64]int64, len(rows))
	var row, number int64
	t.queueEach("SELECT session, number FROM heads WHERE session = ANY($1) ORDER BY session FOR UPDATE", []any{rows}, []any{&row, &number}, func() error {
		heads[row] = number
		return nil
	})
	return heads
}

// catchUp reads the events that sessions in memory lack.
func (t *postgresTx) catchUp(byRow map[int64]*folded) {
	rows, after := make([]int64, 0, len(byRow)), make([]int64, 0, len(byRow))
	for row, f := range byRow {
		rows, after = append(rows, row), append(after, f.session.Number)
	}
	var row int64
	var raw []byte
	t.queueEach(`SELECT w.session, e.json FROM unnest($1::bigint[], $2::bigint[]) AS w (session, after)
		CROSS JOIN LATERAL (SELECT e.json, e.seq FROM events e WHERE e.session = w.session AND e.seq > w.after ORDER BY e.seq) e
		ORDER BY w.session, e.seq`, []any{rows, after}, []any{&row, &raw}, func() error {
		var e deskside.Event
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		byRow[row].apply([]deskside.Event{e})
		return nil
	})
}

// append inserts the events by one statement, and raises the heads by another.
func (t *postgresTx) append(rows []eventRow) error {
	sessions, numbers, json := make([]int64, len(rows)), make([]int64, len(rows)), make([][]byte, len(rows))
	last := make(map[int64]int64, len(rows))
	for i, r := range rows {
		sessions[i], numbers[i], json[i] = r.session, r.seq, r.json
		last[r.session] = max(last[r.session], r.seq)
	}
	heads, tops := make([]int64, 0, len(last)), make([]int64, 0, len(last))
	for session, number := range last {
		heads, tops = append(heads, session), append(tops, number)
	}
	return errors.Join(
		t.exec("INSERT INTO events (session, seq, json) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])", sessions, numbers, json),
		t.exec(`INSERT INTO heads (session, number) SELECT * FROM unnest($1::bigint[], $2::bigint[])
			ON CONFLICT (session) DO UPDATE SET number = excluded.number`, heads, tops))
}

func (t *postgresTx) index(row int64, document string) error {
	return t.exec(`INSERT INTO history (session, body, words) VALUES ($1, $2, array_to_tsvector($3))
		ON CONFLICT (session) DO UPDATE SET body = excluded.body, words = excluded.words`, row, document, lexemes(document))
}

func (t *postgresTx) startAfter(row int64) error {
	return t.exec("SELECT setval(pg_get_serial_sequence('sessions', 'row'), $1)", max(row, 1))
}

func (t *postgresTx) forget(row int64) error {
	return errors.Join(
		t.exec("DELETE FROM history WHERE session = $1", row),
		t.exec("DELETE FROM heads WHERE session = $1", row))
}

func (t *postgresTx) commit() error {
	t.queue("COMMIT", nil, func(r pgx.BatchResults) error {
		tag, err := r.Exec()
		if err == nil && tag.String() != "COMMIT" {
			err = fmt.Errorf("the server answered %s", tag)
		}
		return err
	})
	err := t.send()
	t.release()
	return err
}

func (t *postgresTx) rollback(err error) error {
	_, _ = t.conn.Exec(t.ctx, "ROLLBACK") // else the connection is closed, which does the same
	t.release()
	return err
}

// release gives the connection back; one that is still in a transaction is
// closed.
func (t *postgresTx) release() {
	t.conn.Release()
	t.end()
}
