package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
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
)

// A job is one write on its way to the disk: either an update of a session's
// log, or any other small write.
type job struct {
	id     deskside.SessionID
	decide func(*deskside.Session) (deskside.Change, error)
	exec   func(*tx) error // instead of decide

	// taken is set by the writer who begins the job, or by the caller who gave
	// up before: from then on it is the one's, never the other's.
	taken  atomic.Bool
	events []deskside.Event
	err    error
	done   chan struct{} // closed once events and err are set
}

// submit queues a job and waits until it is stored or refused. Once the
// writer has begun it, the caller stays: what decide writes to is theirs.
func (s *SQLite) submit(ctx context.Context, j *job) error {
	j.done = make(chan struct{})
	if err := s.enqueue(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-j.done
	}
	return j.err
}

func (s *SQLite) enqueue(j *job) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return deskside.Unavailable(errors.New("the store is closed"))
	}
	if fault := s.fault.Load(); fault != nil {
		return deskside.Unavailable(*fault)
	}
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
	}
}

// do stores a small write. f may refuse with a [deskside.Error] as long as it
// has written nothing; it may run more than once.
func (s *SQLite) do(ctx context.Context, f func(*tx) error) error {
	return s.submit(ctx, &job{exec: f})
}

// write is the one writer.
func (s *SQLite) write(ctx context.Context) {
	for {
		select {
		case first := <-s.jobs:
			s.commit(ctx, s.gather(first))
		case <-ctx.Done():
			s.drain(ctx)
			return
		}
	}
}

// gather takes whatever waits behind first, without waiting for more, and
// leaves out what nobody waits for any more.
func (s *SQLite) gather(first *job) []*job {
	batch := make([]*job, 0, 16)
	for j := first; ; {
		if j.taken.CompareAndSwap(false, true) {
			batch = append(batch, j)
		}
		if len(batch) == maxBatch {
			return batch
		}
		select {
		case j = <-s.jobs:
		default:
			return batch
		}
	}
}

// drain stores what waits when the store closes. Nothing is queued any more.
func (s *SQLite) drain(ctx context.Context) {
	for {
		select {
		case first := <-s.jobs:
			s.commit(ctx, s.gather(first))
		default:
			return
		}
	}
}

// commit stores a batch by one transaction and answers its jobs. Where one of
// them fails in the database by its own fault, each is tried alone.
func (s *SQLite) commit(ctx context.Context, batch []*job) {
	if fault := s.fault.Load(); fault != nil {
		refuse(batch, *fault)
		return
	}
	err := s.transact(batch)
	switch {
	case err == nil:
		answer(batch)
	case kindOf(err) == own && len(batch) > 1:
		for i := range batch {
			s.commit(ctx, batch[i:i+1])
		}
	case kindOf(err) == own:
		batch[0].events, batch[0].err = nil, err
		answer(batch)
	case kindOf(err) == busy:
		refuse(batch, err)
	default:
		s.broke(ctx, err)
		refuse(batch, err)
	}
}

func answer(batch []*job) {
	for _, j := range batch {
		close(j.done)
	}
}

func refuse(batch []*job, err error) {
	for _, j := range batch {
		j.events, j.err = nil, deskside.Unavailable(err)
	}
	answer(batch)
}

// transact runs the batch's jobs and commits. An error means that it is not
// known to be stored.
func (s *SQLite) transact(batch []*job) (err error) {
	t := &tx{s: s, db: s.db.Load(), held: make(map[deskside.SessionID]*folded)}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() { t.release(err == nil) }()
	for _, j := range batch {
		if err := t.run(j); err != nil {
			return t.rollBack(err)
		}
	}
	if err := t.flush(); err != nil {
		return t.rollBack(err)
	}
	if err := t.exec("COMMIT"); err != nil {
		return t.rollBack(err)
	}
	s.sessions.trim()
	return nil
}

// A tx is the writer's open transaction. Its events wait until flush, which
// inserts many at once.
type tx struct {
	s    *SQLite
	db   *database
	rows []eventRow
	held map[deskside.SessionID]*folded // the sessions that it looked at; locked
}

type eventRow struct {
	session, seq int64
	json         []byte
}

// run carries out one job. A refusal stays with the job; what run returns
// takes the whole transaction back.
func (t *tx) run(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked: %v\n%s", p, debug.Stack())
		}
	}()
	if j.exec == nil {
		j.events, j.err, err = t.update(j.id, j.decide)
		return err
	}
	if err := t.flush(); err != nil { // it may read what the jobs before it wrote
		return err
	}
	j.err = j.exec(t)
	if deskside.CodeOf(j.err) == deskside.CodeInternal {
		return j.err
	}
	return nil
}

// rollBack takes the transaction back because of err, and returns why.
func (t *tx) rollBack(err error) error {
	rollErr := t.exec("ROLLBACK")
	if kind := kindOf(err); rollErr != nil && (kind == own || kind == busy) {
		return errors.Join(err, fmt.Errorf("%w: %w", driver.ErrBadConn, rollErr)) // it is still open
	}
	return err // after the other kinds SQLite has mostly rolled back itself, and complains
}

// release lets others see the sessions again: with what was decided, once
// that is committed, else not at all.
func (t *tx) release(committed bool) {
	for _, f := range t.held {
		t.s.sessions.settle(f, committed)
		f.mu.Unlock()
	}
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

// flush inserts the events that wait. Row numbers only ever rise, also where
// the last rows were erased: a position of Tail stays good.
func (t *tx) flush() error {
	for len(t.rows) > 0 {
		n := 1
		if len(t.rows) >= insertAtOnce {
			n = insertAtOnce
		}
		args := make([]any, 0, 4*n)
		for _, r := range t.rows[:n] {
			t.s.lastRow++
			args = append(args, t.s.lastRow, r.session, r.seq, r.json)
		}
		if err := t.exec(insertEvents[n], args...); err != nil {
			return err
		}
		t.rows = t.rows[n:]
	}
	return nil
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.db.exec(query, args...)
	return err
}

// scan reads one row; found is false where there is none.
func (t *tx) scan(query string, args []any, into ...any) (found bool, err error) {
	statement, err := t.db.prepare(query)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(context.Background(), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
