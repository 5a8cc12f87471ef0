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
