package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"deskside"
)

const (
	// queueLength is how many writes may wait. At ten thousand a second that
	// is less than half a second.
	queueLength = 4096
	// maxBatch bounds the writes of one transaction.
	maxBatch = 512
	// patience is how long a write waits for a place in the queue before it
	// is refused.
	patience = 50 * time.Millisecond
	// recoverEvery is how often a broken database is opened anew.
	recoverEvery = 500 * time.Millisecond
)

// A job is one write on its way to the disk: either an update of a session's
// log, or any other small write.
type job struct {
	ctx    context.Context
	id     deskside.SessionID
	decide func(*deskside.Session) (deskside.Change, error)
	exec   func(*tx) error // instead of decide

	events []deskside.Event
	err    error
	done   chan struct{} // closed once events and err are set
}

// submit queues a job and waits until it is stored or refused.
func (s *SQLite) submit(ctx context.Context, j *job) error {
	j.ctx, j.done = ctx, make(chan struct{})
	if err := s.enqueue(j); err != nil {
		return err
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ctx.Err() // it may be stored all the same; the same request may be repeated
	}
}

func (s *SQLite) enqueue(j *job) error {
	select {
	case s.jobs <- j:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s.jobs <- j:
		return nil
	case <-timer.C:
		return deskside.Unavailable(errors.New("too many writes wait"))
	case <-s.stop:
		return deskside.Unavailable(errors.New("the store is closed"))
	}
}

// do stores a small write. f may refuse with a [deskside.Error] as long as it
// has written nothing; any other error takes the whole transaction back.
func (s *SQLite) do(ctx context.Context, f func(*tx) error) error {
	return s.submit(ctx, &job{exec: f})
}

// run is the one writer.
func (s *SQLite) run() {
	retry := time.NewTicker(recoverEvery)
	defer retry.Stop()
	for {
		select {
		case <-s.stop:
			s.drain()
			return
		case <-retry.C:
			if s.fault.Load() != nil {
				s.recover()
			}
		case first := <-s.jobs:
			s.commit(s.gather(first))
		}
	}
}

// gather takes whatever waits behind first, without waiting for more.
func (s *SQLite) gather(first *job) []*job {
	batch := append(make([]*job, 0, 16), first)
	for len(batch) < maxBatch {
		select {
		case j := <-s.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// drain stores what waits when the store closes.
func (s *SQLite) drain() {
	for {
		select {
		case first := <-s.jobs:
			s.commit(s.gather(first))
		default:
			return
		}
	}
}

// commit stores a batch by one transaction, and only then lets anybody see or
// hear of it: readers of folded sessions wait at the lock meanwhile.
func (s *SQLite) commit(batch []*job) {
	defer func() {
		for _, j := range batch {
			close(j.done)
		}
	}()
	if fault := s.fault.Load(); fault != nil {
		refuse(batch, *fault)
		return
	}
	s.states.mu.Lock()
	defer s.states.mu.Unlock()
	if err := s.transact(batch); err != nil {
		s.states.clear() // they may hold what was not stored
		s.broke(err)
		refuse(batch, err)
	}
	s.states.trim()
}

func refuse(batch []*job, err error) {
	for _, j := range batch {
		j.events, j.err = nil, deskside.Unavailable(err)
	}
}

// transact runs the batch's jobs and commits. An error means that it is not
// known to be stored.
func (s *SQLite) transact(batch []*job) error {
	t := &tx{s: s, ctx: context.Background(), keys: make(map[string]bool)}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, j := range batch {
		if err := s.runJob(t, j); err != nil {
			return errors.Join(err, t.exec("ROLLBACK"))
		}
	}
	if err := t.flush(); err != nil {
		return errors.Join(err, t.exec("ROLLBACK"))
	}
	return t.exec("COMMIT")
}

// runJob carries out one job. What it returns is a fault of the database; a
// refusal stays with the job.
func (s *SQLite) runJob(t *tx, j *job) error {
	if j.ctx.Err() != nil {
		j.err = j.ctx.Err() // nobody waits any more
		return nil
	}
	if j.exec == nil {
		var fault error
		j.events, j.err, fault = t.update(j.id, j.decide)
		return fault
	}
	if err := t.flush(); err != nil { // it may read what the jobs before it wrote
		return err
	}
	err := j.exec(t)
	if deskside.CodeOf(err) == deskside.CodeInternal {
		return err
	}
	j.err = err
	return nil
}

// broke remembers that the database failed: nothing is acknowledged until a
// recovery.
func (s *SQLite) broke(err error) {
	s.fault.Store(&err)
	s.log.Error("the database failed; nothing is stored until it is open again", "error", err)
	if closeErr := s.shut(); closeErr != nil {
		s.log.Warn("the failed database did not close cleanly", "error", closeErr)
	}
}

// recover opens the database anew, checks it, and shows that it stores. A
// transaction whose sync failed may turn out to be there: its requests are
// recognised when they are repeated.
func (s *SQLite) recover() {
	if err := s.reopen(); err != nil {
		s.fault.Store(&err)
		if closeErr := s.shut(); closeErr != nil {
			s.log.Debug("the database did not close cleanly", "error", closeErr)
		}
		return
	}
	s.fault.Store(nil)
	s.log.Info("the database is open again")
}

func (s *SQLite) reopen() error {
	if s.conn == nil {
		if err := s.open(context.Background()); err != nil {
			return err
		}
	}
	var verdict string
	if err := s.conn.QueryRowContext(context.Background(), "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged: %s", verdict)
	}
	t := &tx{s: s, ctx: context.Background()}
	for _, step := range []string{
		"BEGIN IMMEDIATE",
		"INSERT INTO settings (name, value) VALUES ('recovered', x'01') ON CONFLICT DO UPDATE SET value = value || x'01'",
		"UPDATE settings SET value = x'01' WHERE name = 'recovered'",
		"COMMIT",
		"PRAGMA wal_checkpoint(TRUNCATE)", // what a failed sync left in the log is synced with the database
	} {
		if err := t.exec(step); err != nil {
			return err
		}
	}
	return nil
}

// A tx is the writer's open transaction. Its events wait until flush, which
// inserts many at once.
type tx struct {
	s    *SQLite
	ctx  context.Context
	rows []eventRow
	keys map[string]bool // digits that jobs of this transaction took
}

type eventRow struct {
	session, seq int64
	json         []byte
}

// insertAtOnce is how many events one statement inserts.
const insertAtOnce = 16

// flush inserts the events that wait.
func (t *tx) flush() error {
	for len(t.rows) > 0 {
		n := 1
		if len(t.rows) >= insertAtOnce {
			n = insertAtOnce
		}
		args := make([]any, 0, 3*n)
		for _, r := range t.rows[:n] {
			args = append(args, r.session, r.seq, r.json)
		}
		if err := t.exec(insertEvents[n], args...); err != nil {
			return err
		}
		t.rows = t.rows[n:]
	}
	return nil
}

var insertEvents = map[int]string{1: insertSQL(1), insertAtOnce: insertSQL(insertAtOnce)}

func insertSQL(n int) string {
	query := "INSERT INTO events (session, seq, json) VALUES (?, ?, ?)"
	for range n - 1 {
		query += ", (?, ?, ?)"
	}
	return query
}

// exec runs a statement, prepared at its first use.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.affected(query, args...)
	return err
}

// affected is exec, and returns how many rows it changed.
func (t *tx) affected(query string, args ...any) (int64, error) {
	statement, err := t.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%.60s: %w", query, err)
	}
	return result.RowsAffected()
}

func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if statement := t.s.statements[query]; statement != nil {
		return statement, nil
	}
	statement, err := t.s.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%.60s: %w", query, err)
	}
	t.s.statements[query] = statement
	return statement, nil
}

// scan reads one row; found is false where there is none.
func (t *tx) scan(query string, args []any, into ...any) (found bool, err error) {
	statement, err := t.prepare(query)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
