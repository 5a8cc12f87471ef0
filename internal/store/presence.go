package store

import (
	"context"
	"errors"
	"time"

	"deskside"
)

// Connect implements desk.Connections.
func (s *Store) Connect(ctx context.Context, c deskside.Connection) error {
	return s.do(ctx, func(t *tx) error {
		row, err := t.row(c.Session)
		if err != nil {
			return err
		}
		return errors.Join(
			t.exec(`INSERT INTO connections (id, node, session, participant, away) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (id) DO UPDATE SET away = excluded.away`, c.ID, c.Node, row, string(c.Participant), flag(c.Away)),
			t.exec("DELETE FROM absences WHERE session = $1 AND participant = $2", row, string(c.Participant)))
	})
}

// row returns the row of a session; 0 stands for the agents' lists.
func (t *tx) row(id deskside.SessionID) (row int64, err error) {
	if id == "" {
		return 0, nil
	}
	found, err := t.scan("SELECT s.row FROM sessions s WHERE s.id = $1", []any{string(id)}, &row)
	if err == nil && !found {
		err = notFound()
	}
	return row, err
}

// Disconnect implements desk.Connections.
func (s *Store) Disconnect(ctx context.Context, connection string) error {
	return s.do(ctx, func(t *tx) error { return t.disconnect(connection, millis(s.now())) })
}

func (t *tx) disconnect(connection string, now int64) error {
	var row int64
	var participant string
	found, err := t.scan("DELETE FROM connections WHERE id = $1 RETURNING session, participant", []any{connection}, &row, &participant)
	if err != nil || !found || row == 0 { // nobody misses who looks at no list
		return err
	}
	return t.miss(row, participant, now)
}

// miss notes that a participant is absent, unless a connection is left.
func (t *tx) miss(row int64, participant string, now int64) error {
	return errors.Join(
		t.exec(`INSERT INTO absences (session, participant, since) SELECT $1, $2, $3
			WHERE NOT EXISTS (SELECT 1 FROM connections WHERE session = $1 AND participant = $2)
			ON CONFLICT (session, participant) DO UPDATE SET since = excluded.since, settled = 0`, row, participant, now),
		t.exec("UPDATE sessions SET seen = $1 WHERE sessions.row = $2", now, row))
}

// Present implements desk.Connections.
func (s *Store) Present(ctx context.Context, id deskside.SessionID) ([]deskside.PresenceOf, error) {
	type row struct {
		participant deskside.ParticipantID
		away, since int64
	}
	rows, err := query(ctx, s, "read presence", func(r *row) []any { return []any{&r.participant, &r.away, &r.since} },
		`SELECT participant, min(away), 0 FROM connections
		WHERE session = CASE $1 WHEN '' THEN 0 ELSE (SELECT s.row FROM sessions s WHERE s.id = $1) END GROUP BY participant
		UNION ALL
		SELECT participant, 0, since FROM absences WHERE session = (SELECT s.row FROM sessions s WHERE s.id = $1)`, string(id))
	present := make([]deskside.PresenceOf, 0, len(rows))
	for _, r := range rows {
		p := deskside.PresenceOf{Participant: r.participant, Presence: deskside.Here}
		switch {
		case r.since != 0:
			p.Presence, p.Since = deskside.Offline, fromMillis(r.since)
		case r.away != 0:
			p.Presence = deskside.Away
		}
		present = append(present, p)
	}
	return present, err
}

// Absent implements desk.Connections.
func (s *Store) Absent(ctx context.Context, before time.Time) ([]deskside.Absence, error) {
	type row struct {
		deskside.Absence
		since int64
	}
	rows, err := query(ctx, s, "read absences", func(r *row) []any { return []any{&r.Session, &r.Participant, &r.since} },
		`SELECT s.id, a.participant, a.since FROM absences a JOIN sessions s ON s.row = a.session
		WHERE a.settled = 0 AND a.since < $1`, millis(before))
	absent := make([]deskside.Absence, 0, len(rows))
	for _, r := range rows {
		r.Since = fromMillis(r.since)
		absent = append(absent, r.Absence)
	}
	return absent, err
}

// Settle implements desk.Connections.
func (s *Store) Settle(ctx context.Context, a deskside.Absence) error {
	return s.do(ctx, func(t *tx) error {
		return t.exec(`UPDATE absences SET settled = 1 WHERE session = (SELECT s.row FROM sessions s WHERE s.id = $1)
			AND participant = $2 AND since = $3`, string(a.Session), string(a.Participant), millis(a.Since))
	})
}

// Beat implements desk.Connections. It waits for its turn as any small write.
func (s *Store) Beat(ctx context.Context, node string) (known bool, err error) {
	err = s.do(ctx, func(t *tx) error {
		var one int
		if known, err = t.scan("UPDATE nodes SET seen = $1 WHERE id = $2 RETURNING 1", []any{millis(s.now()), node}, &one); err != nil || known {
			return err
		}
		return t.exec("INSERT INTO nodes (id, seen) VALUES ($1, $2)", node, millis(s.now()))
	})
	return known, err
}

// orphansAtOnce is how many connections of a dead node are removed by one
// write: others get in between.
const orphansAtOnce = 500

// Bereave implements desk.Connections.
func (s *Store) Bereave(ctx context.Context, dead time.Time) (lost []deskside.Guest, err error) {
	nodes, err := query(ctx, s, "find dead nodes", func(n *string) []any { return []any{n} },
		"SELECT id FROM nodes WHERE seen < $1 UNION SELECT node FROM connections WHERE node NOT IN (SELECT id FROM nodes)", millis(dead))
	for _, node := range nodes {
		some, e := s.dropNode(ctx, node, dead)
		lost, err = append(lost, some...), errors.Join(err, e)
	}
	return lost, err
}

// Leave implements desk.Connections.
func (s *Store) Leave(ctx context.Context, node string) ([]deskside.Guest, error) {
	return s.dropNode(ctx, node, s.now().Add(time.Hour))
}

// dropNode removes a node that has not been seen since dead, and its
// connections, unless it comes back meanwhile.
func (s *Store) dropNode(ctx context.Context, node string, dead time.Time) (lost []deskside.Guest, err error) {
	for n := orphansAtOnce; n == orphansAtOnce; {
		var some []deskside.Guest
		err := s.do(ctx, func(t *tx) error {
			if err := t.exec("DELETE FROM nodes WHERE id = $1 AND seen < $2", node, millis(dead)); err != nil {
				return err
			}
			n, some, err = t.dropOrphans(node, millis(s.now()))
			return err
		})
		if err != nil {
			return lost, err
		}
		lost = append(lost, some...)
	}
	return lost, nil
}

// An orphan is a connection whose node is gone.
type orphan struct {
	row         int64
	session     deskside.SessionID
	participant deskside.ParticipantID
}

// dropOrphans removes some connections of a node that is gone, and says how
// many that were and whose.
func (t *tx) dropOrphans(node string, now int64) (n int, lost []deskside.Guest, err error) {
	var o orphan
	gone := make(map[orphan]bool)
	err = t.each(`DELETE FROM connections WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE id = $1)
		AND id IN (SELECT id FROM connections WHERE node = $1 LIMIT $2)
		RETURNING session, coalesce((SELECT s.id FROM sessions s WHERE s.row = session), ''), participant`,
		[]any{node, orphansAtOnce}, []any{&o.row, &o.session, &o.participant}, func() error {
			n++
			gone[o] = o.row != 0 // nobody misses who looks at no list
			return nil
		})
	for o, missed := range gone {
		if missed {
			lost = append(lost, deskside.Guest{Session: o.session, Participant: o.participant})
			err = errors.Join(err, t.miss(o.row, string(o.participant), now))
		}
	}
	return n, lost, err
}
