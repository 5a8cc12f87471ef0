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
func (s *Store) Absent(ctx context.Context, before time.Time) ([]deskside.Guest, error) {
	return query(ctx, s, "read absences", func(g *deskside.Guest) []any { return []any{&g.Session, &g.Participant} },
		`SELECT s.id, a.participant FROM absences a JOIN sessions s ON s.row = a.session
		WHERE a.settled = 0 AND a.since < $1`, millis(before))
}

// Settle implements desk.Connections.
func (s *Store) Settle(ctx context.Context, id deskside.SessionID, p deskside.ParticipantID) error {
	return s.do(ctx, func(t *tx) error {
		return t.exec("UPDATE absences SET settled = 1 WHERE session = (SELECT s.row FROM sessions s WHERE s.id = $1) AND participant = $2", string(id), string(p))
	})
}

// Beat implements desk.Connections.
func (s *Store) Beat(ctx context.Context, node string, dead time.Time) error {
	return s.do(ctx, func(t *tx) error {
		now := millis(s.now())
		if err := t.exec("INSERT INTO nodes (id, seen) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen", node, now); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM nodes WHERE seen < $1", millis(dead)); err != nil {
			return err
		}
		return t.dropOrphans(now)
	})
}

// dropOrphans removes the connections whose node is gone.
func (t *tx) dropOrphans(now int64) error {
	for {
		var connection string
		found, err := t.scan("SELECT id FROM connections WHERE node NOT IN (SELECT id FROM nodes) LIMIT 1", nil, &connection)
		if err != nil || !found {
			return err
		}
		if err := t.disconnect(connection, now); err != nil {
			return err
		}
	}
}
