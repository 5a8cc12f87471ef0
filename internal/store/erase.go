package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"deskside"
)

// traces are the tables that hold something of a session, by the column that
// names its row.
var traces = []struct{ table, column string }{
	{"events", "session"}, {"keys", "session"}, {"guests", "session"}, {"connections", "session"},
	{"absences", "session"}, {"marks", "session"}, {"invitations", "session"}, {"history", "rowid"}, {"sessions", "row"},
}

// purgeEvery bounds how often what was erased is purged from the files, which
// takes reading all of them.
const purgeEvery = time.Hour

// residueSetting stands among the settings while the files may hold remains of
// what was erased: a process may end before it has purged them.
const residueSetting = "residue"

// Forget implements desk.Notes. What it erases can't be read any more once it
// returns, and within purgeEvery no byte of it is left in the database or its
// write-ahead log. Each session goes by a write of its own, so that others get
// in between.
func (s *SQLite) Forget(ctx context.Context, ended, attempts time.Time) (n int, err error) {
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
			t.exec("DELETE FROM attempts WHERE at < ?", millis(attempts)),
			t.exec("DELETE FROM logins WHERE expires < ?", millis(s.now())))
	})
	if err != nil {
		return n, err
	}
	return n, s.purge(ctx)
}

// forgetOne erases the session that ended first, where that was before then.
func (s *SQLite) forgetOne(ctx context.Context, ended time.Time) (gone bool, err error) {
	err = s.do(ctx, func(t *tx) error {
		var id deskside.SessionID
		gone, err = t.scan("SELECT id FROM sessions WHERE ended < ? ORDER BY ended LIMIT 1", []any{millis(ended)}, &id)
		if err != nil || !gone {
			return err
		}
		return t.forget(id)
	})
	return gone, err
}

// forget erases one session. Whoever looks at it later in the transaction
// finds none.
func (t *tx) forget(id deskside.SessionID) error {
	f, err := t.hold(id)
	if err != nil {
		return err
	}
	if err := t.dropFilesOf(f.row); err != nil {
		return err
	}
	for _, trace := range traces {
		if err := t.exec("DELETE FROM "+trace.table+" WHERE "+trace.column+" = ?", f.row); err != nil {
			return err
		}
	}
	f.session, f.row = &deskside.Session{ID: id}, 0
	return t.leaveResidue()
}

// leaveResidue notes that the files may hold remains of what was erased.
func (t *tx) leaveResidue() error {
	return t.exec("REPLACE INTO settings (name, value) VALUES (?, 1)", residueSetting)
}

// purge removes the remains of what was erased from the files.
func (s *SQLite) purge(ctx context.Context) error {
	now := s.now()
	residue, err := one(ctx, s, "read whether to purge", nil, func(n *int) []any { return []any{n} },
		"SELECT count(*) FROM settings WHERE name = ?", residueSetting)
	if err != nil || residue == 0 || now.Sub(s.purged) < purgeEvery {
		return err
	}
	for _, step := range []func(context.Context) error{s.purgeHistory, s.scrub, s.emptyLog} {
		if err := step(ctx); err != nil {
			return err // the next sweep tries again
		}
	}
	s.purged = now
	return s.do(ctx, func(t *tx) error { return t.exec("DELETE FROM settings WHERE name = ?", residueSetting) })
}

// A small index of History is made anew at once, in some 0.1 s; a larger one
// is merged, some pages at a time. Both in pages of 4 KiB.
var (
	rebuildUpTo = 500
	mergeAtOnce = 100
)

// purgeHistory removes the words of deleted documents from the index of
// History, which keeps them at first, and beside them that they are deleted.
//
// FTS5's own secure-delete is no way: in SQLite 3.54.1 it leaves words of long
// documents, and a damaged index.
func (s *SQLite) purgeHistory(ctx context.Context) error {
	large := false
	err := s.do(ctx, func(t *tx) (err error) {
		if large, err = t.scan("SELECT 1 FROM history_data LIMIT 1 OFFSET ?", []any{rebuildUpTo}, new(int)); err != nil || large {
			return err
		}
		return t.exec("INSERT INTO history (history) VALUES ('rebuild')")
	})
	if err != nil || !large {
		return err
	}
	return s.mergeHistory(ctx)
}

// mergeHistory does in small steps what FTS5's 'optimize' does at once, two
// times. The first merge may keep what is deleted in mind, where it finds all
// on one level below others that are empty. The second finds one large segment
// and a small one, which are on two levels, and drops it.
func (s *SQLite) mergeHistory(ctx context.Context) error {
	for range 2 {
		if err := s.do(ctx, (*tx).newSegment); err != nil {
			return err
		}
		for pages, more := -mergeAtOnce, true; more; pages = mergeAtOnce { // a negative number begins with everything
			err := s.do(ctx, func(t *tx) (err error) {
				more, err = t.merge(pages)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// newSegment adds a segment to the index of History, for a document that
// belongs to no session.
func (t *tx) newSegment() error {
	return t.exec("REPLACE INTO history (rowid, body) VALUES (0, 'merge')")
}

// merge merges some pages of the index of History. more says whether there is
// more to merge.
func (t *tx) merge(pages int) (more bool, err error) {
	var before, after int
	if _, err := t.scan("SELECT total_changes()", nil, &before); err != nil {
		return false, err
	}
	if err := t.exec("INSERT INTO history (history, rank) VALUES ('merge', ?)", pages); err != nil {
		return false, err
	}
	_, err = t.scan("SELECT total_changes()", nil, &after)
	return after-before >= 2, err // FTS5 counts the command itself
}

// scrubAtOnce is how many pages one write scrubs: a few milliseconds' work.
const scrubAtOnce = 200

// scrub zeroes the gaps of all pages. SQLite's secure_delete zeroes what is
// deleted where it stands. But when pages split or merge, rows move, and the
// gap of the page that they left may keep a copy until something else is
// written there.
func (s *SQLite) scrub(ctx context.Context) error {
	for page, end := 1, 1; page <= end; page += scrubAtOnce {
		err := s.do(ctx, func(t *tx) error {
			if _, err := t.scan("PRAGMA page_count", nil, &end); err != nil {
				return err
			}
			for p := page; p < page+scrubAtOnce && p <= end; p++ {
				if err := t.scrubPage(p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) scrubPage(page int) error {
	var data []byte
	found, err := t.scan("SELECT data FROM sqlite_dbpage WHERE pgno = ?", []any{page}, &data)
	if err != nil || !found {
		return err
	}
	gap := gapOf(page, data)
	if len(bytes.Trim(gap, "\x00")) == 0 {
		return nil
	}
	clear(gap)
	return t.exec("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?", data, page)
}

// gapOf returns the bytes of a page that belong to nothing: those between the
// list of its cells and the first of them. It is empty for pages that are no
// B-tree pages. (https://sqlite.org/fileformat2.html#b_tree_pages)
func gapOf(page int, data []byte) []byte {
	header := 0
	if page == 1 {
		header = 100 // of the file
	}
	size := 8
	switch data[header] {
	case 2, 5: // interior pages
		size = 12
	case 10, 13: // leaves
	default: // others begin with a page number; its first byte is 0 below 64 GiB
		return nil
	}
	cells := int(binary.BigEndian.Uint16(data[header+3:]))
	from := header + size + 2*cells
	to := int(binary.BigEndian.Uint16(data[header+5:])) // pages are too small for its 0, which means 65,536
	if from > to || to > len(data) {
		return nil
	}
	return data[from:to]
}

// emptyWait is how long to wait before the log is tried again that a reader
// held back.
const emptyWait = 20 * time.Millisecond

// emptyLog brings the write-ahead log into the database and cuts it to
// nothing.
func (s *SQLite) emptyLog(ctx context.Context) error {
	for {
		db, err := s.reader()
		if err != nil {
			return err
		}
		var held, pages, moved int
		err = db.read.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&held, &pages, &moved)
		if err != nil || held == 0 {
			return failed("empty the write-ahead log", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(emptyWait):
		}
	}
}
