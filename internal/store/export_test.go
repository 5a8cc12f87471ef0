package store

import "context"

// QueueLength is how many writes may wait.
const QueueLength = queueLength

// Break makes the store meet a fault as if a write had failed with it.
func Break(s *SQLite, fault error) {
	_ = s.do(context.Background(), func(*tx) error { return fault })
}

// Pragma sets a pragma on the writer's connection.
func Pragma(s *SQLite, pragma string) error {
	return s.do(context.Background(), func(t *tx) error {
		_, err := t.s.conn.ExecContext(t.ctx, "PRAGMA "+pragma)
		return err
	})
}
