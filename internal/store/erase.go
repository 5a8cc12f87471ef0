package store

import (
	"context"
	"errors"
	"time"

	"deskside"
)

// traces are the tables that hold something of a session, by the column that
// names its row.
var traces = []struct{ table, column string }{
	{"events", "session"}, {"keys", "session"}, {"guests", "session"}, {"connections", "session"},
	{"absences", "session"}, {"marks", "session"}, {"invitations", "session"}, {"sessions", "row"},
}

// purgeEvery bounds how often what was erased is purged from the files, which
// takes reading all of them.
const purgeEvery = time.Hour

// residue is the moment since which the files hold remains of what was erased;
// there is none where they don't. A process may end before it has purged them.
const residue = "residue"

// Forget implements desk.Notes. What it erases can't be read any more once it
// returns, and within purgeEvery no byte of it is left in the database or its
// write-ahead log. Each session goes by a write of its own, so that others get
// in between.
func (s *Store) Forget(ctx context.Context, ended, attempts time.Time) (n int, err error) {
	s.forgetting.Lock()
	defer s.forgetting.Unlock()
	for {
		gone, err := s.forgetOne(ctx, ended)
		if err != nil {
			return n, err
		}
		if !gone {
			break
		}
		n++
	}
	err = s.do(ctx, func(t *tx) error {
		return errors.Join(
			t.exec("DELETE FROM attempts WHERE at < $1", millis(attempts)),
			t.exec("DELETE FROM leases WHERE until < $1", millis(s.now())),
			t.exec("DELETE FROM logins WHERE expires < $1", millis(s.now())))
	})
	if err != nil {
		return n, err
	}
	return n, s.engine.purge(ctx)
}

// forgetOne erases the session that ended first, where that was before then.
func (s *Store) forgetOne(ctx context.Context, ended time.Time) (gone bool, err error) {
	ids, err := query(ctx, s, "find old sessions", idField,
		"SELECT s.id FROM sessions s WHERE s.ended < $1 ORDER BY s.ended LIMIT 1", millis(ended))
	if err != nil || len(ids) == 0 {
		return false, err
	}
	return true, s.doIn(ctx, ids[0], func(t *tx) error { return t.erase(ids[0]) })
}

// erase erases one session, unless another node has. Whoever looks at it later
// in the transaction finds none.
func (t *tx) erase(id deskside.SessionID) error {
	f, err := t.hold(id)
	if err != nil || f.row == 0 {
		return err
	}
	if err := errors.Join(t.alone(), t.dropFilesOf(f.row), t.forget(f.row)); err != nil {
		return err
	}
	for _, trace := range traces {
		if err := t.exec("DELETE FROM "+trace.table+" WHERE "+trace.table+"."+trace.column+" = $1", f.row); err != nil {
			return err
		}
	}
	f.session, f.row = &deskside.Session{ID: id}, 0
	return t.leaveResidue()
}

// leaveResidue notes that the files may hold remains of what was erased.
func (t *tx) leaveResidue() error { return t.since(residue, millis(t.s.now())) }

// hasResidue says whether the files may hold remains of what was erased.
func (s *Store) hasResidue(ctx context.Context) (bool, error) {
	n, err := one(ctx, s, "read whether to purge", nil, func(n *int) []any { return []any{n} },
		"SELECT count(*) FROM moments WHERE name = $1", residue)
	return n > 0, err
}

// dropResidue notes that they don't any more.
func (s *Store) dropResidue(ctx context.Context) error {
	return s.do(ctx, func(t *tx) error { return t.exec("DELETE FROM moments WHERE name = $1", residue) })
}
