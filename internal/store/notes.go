package store

import (
	"context"
	"time"

	"deskside"
)

// Mark implements desk.Notes.
func (s *SQLite) Mark(ctx context.Context, id deskside.SessionID, p deskside.ParticipantID, m deskside.Marks) (deskside.Marks, error) {
	err := s.do(ctx, func(t *tx) error {
		row, err := t.row(id)
		if err != nil {
			return err
		}
		var old deskside.Marks
		_, err = t.scan("SELECT delivered, read FROM marks WHERE session = ? AND participant = ?", []any{row, string(p)}, &old.Delivered, &old.Read)
		if err != nil {
			return err
		}
		changed := old.Raise(m)
		m = old
		if !changed {
			return nil
		}
		return t.exec(`INSERT INTO marks (session, participant, delivered, read) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET delivered = excluded.delivered, read = excluded.read`, row, string(p), m.Delivered, m.Read)
	})
	return m, err
}

// Marks implements desk.Notes.
func (s *SQLite) Marks(ctx context.Context, id deskside.SessionID) (map[deskside.ParticipantID]deskside.Marks, error) {
	type row struct {
		participant deskside.ParticipantID
		marks       deskside.Marks
	}
	rows, err := query(ctx, s, "read marks", func(r *row) []any { return []any{&r.participant, &r.marks.Delivered, &r.marks.Read} },
		"SELECT participant, delivered, read FROM marks WHERE session = (SELECT row FROM sessions WHERE id = ?)", string(id))
	marks := make(map[deskside.ParticipantID]deskside.Marks, len(rows))
	for _, r := range rows {
		marks[r.participant] = r.marks
	}
	return marks, err
}

// AddAttempts implements desk.Notes.
func (s *SQLite) AddAttempts(ctx context.Context, attempts ...deskside.Attempt) error {
	return s.do(ctx, func(t *tx) error {
		for _, a := range attempts {
			if err := t.exec("INSERT INTO attempts (kind, subject, at) VALUES (?, ?, ?)", a.Kind, a.Subject, millis(s.now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// CountAttempts implements desk.Notes.
func (s *SQLite) CountAttempts(ctx context.Context, a deskside.Attempt, since time.Time) (int, error) {
	return one(ctx, s, "count attempts", nil, func(n *int) []any { return []any{n} },
		"SELECT count(*) FROM attempts WHERE kind = ? AND subject = ? AND at >= ?", a.Kind, a.Subject, millis(since))
}

// traces are the tables that hold something of a session, by the column that
// names its row.
var traces = []struct{ table, column string }{
	{"events", "session"}, {"keys", "session"}, {"guests", "session"}, {"connections", "session"},
	{"absences", "session"}, {"marks", "session"}, {"history", "rowid"}, {"sessions", "row"},
}

// Forget implements desk.Notes.
func (s *SQLite) Forget(ctx context.Context, ended, attempts time.Time) (int, error) {
	n := 0
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
	err := s.do(ctx, func(t *tx) error {
		if err := t.exec("DELETE FROM attempts WHERE at < ?", millis(attempts)); err != nil {
			return err
		}
		return t.exec("DELETE FROM logins WHERE expires < ?", millis(s.now()))
	})
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.emptyLog(ctx)
}

// forgetOne erases the session that ended first, where that was before then.
func (s *SQLite) forgetOne(ctx context.Context, ended time.Time) (gone bool, err error) {
	err = s.do(ctx, func(t *tx) error {
		var row int64
		var id deskside.SessionID
		gone, err = t.scan("SELECT row, id FROM sessions WHERE ended < ? ORDER BY ended LIMIT 1", []any{millis(ended)}, &row, &id)
		if err != nil || !gone {
			return err
		}
		s.states.drop(id)
		for _, trace := range traces {
			if err := t.exec("DELETE FROM "+trace.table+" WHERE "+trace.column+" = ?", row); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
}

// emptyLog brings the write-ahead log into the database and cuts it, so that
// no byte of what was erased is left in it. Readers may hold it back for a
// moment; the next sweep tries again.
func (s *SQLite) emptyLog(ctx context.Context) error {
	db, err := s.reader()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return failed("empty the write-ahead log", err)
}
