package store

import (
	"context"
	"time"

	"deskside"
)

// Mark implements desk.Notes.
func (s *Store) Mark(ctx context.Context, id deskside.SessionID, p deskside.ParticipantID, m deskside.Marks) (deskside.Marks, error) {
	var now deskside.Marks
	now.Raise(m) // what is read is delivered
	m = now
	err := s.doIn(ctx, id, func(t *tx) error {
		found, err := t.scan(`INSERT INTO marks (session, participant, delivered, read)
			SELECT s.row, $2, $3, $4 FROM sessions s WHERE s.id = $1
			ON CONFLICT (session, participant) DO UPDATE SET
			delivered = CASE WHEN excluded.delivered > marks.delivered THEN excluded.delivered ELSE marks.delivered END,
			read = CASE WHEN excluded.read > marks.read THEN excluded.read ELSE marks.read END
			RETURNING delivered, read`, []any{string(id), string(p), m.Delivered, m.Read}, &now.Delivered, &now.Read)
		if err == nil && !found {
			err = notFound()
		}
		return err
	})
	return now, err
}

// Marks implements desk.Notes.
func (s *Store) Marks(ctx context.Context, id deskside.SessionID) (map[deskside.ParticipantID]deskside.Marks, error) {
	type row struct {
		participant deskside.ParticipantID
		marks       deskside.Marks
	}
	rows, err := query(ctx, s, "read marks", func(r *row) []any { return []any{&r.participant, &r.marks.Delivered, &r.marks.Read} },
		"SELECT participant, delivered, read FROM marks WHERE session = (SELECT s.row FROM sessions s WHERE s.id = $1)", string(id))
	marks := make(map[deskside.ParticipantID]deskside.Marks, len(rows))
	for _, r := range rows {
		marks[r.participant] = r.marks
	}
	return marks, err
}

// AddAttempts implements desk.Notes.
func (s *Store) AddAttempts(ctx context.Context, attempts ...deskside.Attempt) error {
	return s.do(ctx, func(t *tx) error {
		for _, a := range attempts {
			if err := t.exec("INSERT INTO attempts (kind, subject, at) VALUES ($1, $2, $3)", a.Kind, a.Subject, millis(s.now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// CountAttempts implements desk.Notes.
func (s *Store) CountAttempts(ctx context.Context, a deskside.Attempt, since time.Time) (int, error) {
	return one(ctx, s, "count attempts", nil, func(n *int) []any { return []any{n} },
		"SELECT count(*) FROM attempts WHERE kind = $1 AND subject = $2 AND at >= $3", a.Kind, a.Subject, millis(since))
}
