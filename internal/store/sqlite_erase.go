package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"
)

// purge removes the remains of what was erased from the files.
func (e *sqlite) purge(ctx context.Context) error {
	now := e.store.now()
	some, err := e.store.hasResidue(ctx)
	if err != nil || !some || now.Sub(e.purged) < purgeEvery {
		return err
	}
	for _, step := range []func(context.Context) error{e.purgeHistory, e.scrub, e.emptyLog} {
		if err := step(ctx); err != nil {
			return err // the next sweep tries again
		}
	}
	e.purged = now
	return e.store.dropResidue(ctx)
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
func (e *sqlite) purgeHistory(ctx context.Context) error {
	large := false
	err := e.store.do(ctx, func(t *tx) (err error) {
		if large, err = t.scan("SELECT 1 FROM history_data LIMIT 1 OFFSET $1", []any{rebuildUpTo}, new(int)); err != nil || large {
			return err
		}
		return t.exec("INSERT INTO history (history) VALUES ('rebuild')")
	})
	if err != nil || !large {
		return err
	}
	return e.mergeHistory(ctx)
}

// mergeHistory does in small steps what FTS5's 'optimize' does at once, two
// times. The first merge may keep what is deleted in mind, where it finds all
// on one level below others that are empty. The second finds one large segment
// and a small one, which are on two levels, and drops it.
func (e *sqlite) mergeHistory(ctx context.Context) error {
	for range 2 {
		if err := e.store.do(ctx, newSegment); err != nil {
			return err
		}
		for pages, more := -mergeAtOnce, true; more; pages = mergeAtOnce { // a negative number begins with everything
			err := e.store.do(ctx, func(t *tx) (err error) {
				more, err = merge(t, pages)
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
func newSegment(t *tx) error {
	return t.exec("REPLACE INTO history (rowid, body) VALUES (0, 'merge')")
}

// merge merges some pages of the index of History. more says whether there is
// more to merge.
func merge(t *tx, pages int) (more bool, err error) {
	var before, after int
	if _, err := t.scan("SELECT total_changes()", nil, &before); err != nil {
		return false, err
	}
	if err := t.exec("INSERT INTO history (history, rank) VALUES ('merge', $1)", pages); err != nil {
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
func (e *sqlite) scrub(ctx context.Context) error {
	for page, end := 1, 1; page <= end; page += scrubAtOnce {
		err := e.store.do(ctx, func(t *tx) error {
			if _, err := t.scan("PRAGMA page_count", nil, &end); err != nil {
				return err
			}
			for p := page; p < page+scrubAtOnce && p <= end; p++ {
				if err := scrubPage(t, p); err != nil {
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

func scrubPage(t *tx, page int) error {
	var data []byte
	found, err := t.scan("SELECT data FROM sqlite_dbpage WHERE pgno = $1", []any{page}, &data)
	if err != nil || !found {
		return err
	}
	gap := gapOf(page, data)
	if len(bytes.Trim(gap, "\x00")) == 0 {
		return nil
	}
	clear(gap)
	return t.exec("UPDATE sqlite_dbpage SET data = $1 WHERE pgno = $2", data, page)
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
func (e *sqlite) emptyLog(ctx context.Context) error {
	for {
		db, err := e.reader()
		if err != nil {
			return err
		}
		var held, pages, moved int
		err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&held, &pages, &moved)
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
