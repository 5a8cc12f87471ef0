package store

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"deskside"
)

const (
	// queueLength is how many writes may wait, for all writers together. At
	// ten thousand a second that is a fifth of a second.
	queueLength = 2048
	// maxBatch bounds the writes of one transaction.
	maxBatch = 512
	// patience is how long a write waits for a place in the queue before it
	// is refused.
	patience = 50 * time.Millisecond
	// tries is how often a batch is tried where another node is in between.
	tries = 5
	// longestLock is how long a transaction waits for what another node has
	// locked, and shortLock one of several sessions, which may be tried apart:
	// nobody holds anything for longer than a commit takes, but who stands still.
	longestLock, shortLock = 2 * time.Second, 500 * time.Millisecond
)

// A job is one write on its way to the disk: either an update of a session's
// log, or any other small write.
type job struct {
	id     deskside.SessionID
	decide func(*deskside.Session) (deskside.Change, error)
	exec   func(*tx) error // instead of decide; of no session where id is empty

	// taken is set by the writer who begins the job, or by the caller who gave
	// up before: from then on it is the one's, never the other's.
	taken  atomic.Bool
	events []deskside.Event
	err    error
	done   chan struct{} // closed once events and err are set
}

// submit queues a job and waits until it is stored or refused. Once the
// writer has begun it, the caller stays: what decide writes to is theirs.
func (s *Store) submit(ctx context.Context, j *job) error {
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

func (s *Store) enqueue(j *job) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return unavailable("the store is closed")
	}
	if fault := s.fault.Load(); fault != nil {
		return deskside.Unavailable(*fault)
	}
	queue := s.queueOf(j.id)
	select {
	case queue <- j:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case queue <- j:
		return nil
	case <-timer.C:
		return unavailable("too many writes wait")
	}
}

// do stores a small write. f may refuse with a [deskside.Error] as long as it
// has written nothing; it may run more than once. No other small write, of
// whichever node, runs at the same time.
func (s *Store) do(ctx context.Context, f func(*tx) error) error {
	return s.submit(ctx, &job{exec: f})
}

// doIn stores a small write of one session. Other nodes may do so at the same
// time.
func (s *Store) doIn(ctx context.Context, id deskside.SessionID, f func(*tx) error) error {
	return s.submit(ctx, &job{id: id, exec: f})
}

// write is a writer: the only one of its sessions. The first is the one of
// what belongs to no session.
func (s *Store) write(ctx context.Context, jobs chan *job, first bool) {
	for {
		select {
		case j := <-jobs:
			s.commit(ctx, gather(jobs, j), first)
		case <-ctx.Done():
			s.drain(ctx, jobs, first)
			return
		}
	}
}

// gather takes whatever waits behind first, without waiting for more, and
// leaves out what nobody waits for any more. Callers that could queue at once
// come before it: else the first of them, on a machine with one CPU, has the
// writer go off with a batch of one.
func gather(jobs chan *job, first *job) []*job {
	runtime.Gosched()
	batch := make([]*job, 0, 16)
	for j := first; ; {
		if j.taken.CompareAndSwap(false, true) {
			batch = append(batch, j)
		}
		if len(batch) == maxBatch {
			return batch
		}
		select {
		case j = <-jobs:
		default:
			return batch
		}
	}
}

// drain stores what waits when the store closes. Nothing is queued any more.
func (s *Store) drain(ctx context.Context, jobs chan *job, first bool) {
	for {
		select {
		case j := <-jobs:
			s.commit(ctx, gather(jobs, j), first)
		default:
			return
		}
	}
}

// commit stores a batch by one transaction and answers its jobs. Where one of
// them fails in the database by its own fault, or waits too long for a session
// that another node holds, each is tried alone.
func (s *Store) commit(ctx context.Context, batch []*job, first bool) {
	if fault := s.fault.Load(); fault != nil {
		refuse(batch, *fault)
		return
	}
	err := s.transact(batch, first)
	for i := 1; i < tries && err != nil && s.engine.kindOf(err) == again; i++ {
		err = s.transact(batch, first)
	}
	if err == nil {
		answer(batch)
		return
	}
	switch kind := s.engine.kindOf(err); {
	case kind == own && len(batch) > 1:
		for i := range batch {
			s.commit(ctx, batch[i:i+1], first)
		}
	case kind == own:
		batch[0].events, batch[0].err = nil, err
		answer(batch)
	case kind == busy && several(batch):
		s.apart(ctx, batch, first)
	case kind == again, kind == busy:
		refuse(batch, err)
	default:
		s.broke(ctx, err)
		refuse(batch, err)
	}
}

// several says whether a batch is of more than one session.
func several(batch []*job) bool {
	return slices.ContainsFunc(batch, func(j *job) bool { return j.id != batch[0].id })
}

// apart stores the jobs of each session by themselves.
func (s *Store) apart(ctx context.Context, batch []*job, first bool) {
	slices.SortStableFunc(batch, func(a, b *job) int { return strings.Compare(string(a.id), string(b.id)) })
	for len(batch) > 0 {
		n := 1
		for n < len(batch) && batch[n].id == batch[0].id {
			n++
		}
		s.commit(ctx, batch[:n], first)
		batch = batch[n:]
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
func (s *Store) transact(batch []*job, first bool) (err error) {
	wait := longestLock
	if several(batch) {
		wait = shortLock
	}
	opened, err := s.engine.begin(context.Background(), first && len(s.writers) > 1, wait)
	if err != nil {
		return err
	}
	t := &tx{transaction: opened, s: s, held: make(map[deskside.SessionID]*folded)}
	defer func() { t.release(err == nil) }()
	if err := t.work(batch); err != nil {
		return t.rollback(err)
	}
	if err := t.commit(); err != nil {
		return err
	}
	s.sessions.trim()
	return nil
}

// A tx is a writer's open transaction. Its events wait until flush, which
// inserts many at once.
type tx struct {
	transaction
	s    *Store
	rows []eventRow
	held map[deskside.SessionID]*folded // the sessions that it looked at; locked
}

func (t *tx) work(batch []*job) error {
	if err := t.holdAll(batch); err != nil {
		return err
	}
	for _, j := range batch {
		if err := t.run(j); err != nil {
			return err
		}
	}
	return t.flush()
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

// release lets others see the sessions again: with what was decided, once
// that is committed, else not at all.
func (t *tx) release(committed bool) {
	for _, f := range t.held {
		t.s.sessions.settle(f, committed)
		f.mu.Unlock()
	}
}

// flush appends the events that wait.
func (t *tx) flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	rows := t.rows
	t.rows = nil
	return t.append(rows)
}
