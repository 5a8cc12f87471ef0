package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// QueueLength is how many writes may wait.
const QueueLength = queueLength

// Break makes the store meet a fault as if the disk had failed, and returns
// what a write hears of it.
func Break(s *Store) error {
	return s.do(context.Background(), func(*tx) error { return driver.ErrBadConn })
}

// Pragma sets a pragma on the writer's connection.
func Pragma(s *Store, pragma string) error {
	return s.do(context.Background(), func(t *tx) error {
		_, err := t.transaction.(*sqliteTx).conn.ExecContext(context.Background(), "PRAGMA "+pragma)
		return err
	})
}

// Check looks for damage, in the index of History too.
func Check(s *Store) error {
	return s.do(context.Background(), func(t *tx) error {
		if err := t.exec("INSERT INTO history (history) VALUES ('integrity-check')"); err != nil {
			return err
		}
		var verdict string
		if _, err := t.scan("PRAGMA integrity_check", nil, &verdict); err != nil || verdict == "ok" {
			return err
		}
		return errors.New(verdict)
	})
}

// MergeAbove sets above how many pages the index of History is merged, and
// returns how to undo that.
func MergeAbove(pages int) (undo func()) {
	before, beforeAtOnce := rebuildUpTo, mergeAtOnce
	rebuildUpTo, mergeAtOnce = pages, 3
	return func() { rebuildUpTo, mergeAtOnce = before, beforeAtOnce }
}
