package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"deskside"
)

func notFound() error { return deskside.Errorf(deskside.CodeNotFound, "There is no such session.") }

// View implements desk.Log. It waits for the writer only where that works on
// this very session.
func (s *SQLite) View(ctx context.Context, id deskside.SessionID, look func(*deskside.Session) error) error {
	for {
		f, removed := s.sessions.get(id)
		if f == nil {
			var err error
			if f, err = s.fold(ctx, id); err != nil {
				return failed("read a session", err)
			}
			s.sessions.offer(f, removed)
		}
		if seen, err := f.look(look); seen {
			return err
		}
	}
}

// look lets a reader see the session, unless it is stale.
func (f *folded) look(look func(*deskside.Session) error) (seen bool, err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.stale {
		return false, nil
	}
	return true, look(f.session)
}

// fold reads a session that is not in memory.
func (s *SQLite) fold(ctx context.Context, id deskside.SessionID) (*folded, error) {
	db, err := s.reader()
	if err != nil {
		return nil, err
	}
	f := &folded{session: &deskside.Session{ID: id}}
	if err := db.read.QueryRowContext(ctx, "SELECT row FROM sessions WHERE id = ?", string(id)).Scan(&f.row); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, notFound()
		}
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, "SELECT json FROM events WHERE session = ? ORDER BY seq", f.row)
	if err != nil {
		return nil, err
	}
	events, err := readEvents(rows)
	if err == nil && len(events) == 0 {
		err = notFound() // erased meanwhile
	}
	if err != nil {
		return nil, err
	}
	for i := range events {
		f.session.Apply(&events[i])
	}
	return f, nil
}

// Events implements desk.Log.
func (s *SQLite) Events(ctx context.Context, id deskside.SessionID, after int64, limit int) ([]deskside.Event, error) {
	db, err := s.reader()
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, `SELECT e.json FROM events e WHERE e.session = (SELECT row FROM sessions WHERE id = ?)
		AND e.seq > ? ORDER BY e.seq LIMIT ?`, string(id), after, limit)
	if err != nil {
		return nil, failed("read events", err)
	}
	events, err := readEvents(rows)
	return events, failed("read events", err)
}

func readEvents(rows *sql.Rows) (events []deskside.Event, err error) {
	defer rows.Close()
	for rows.Next() {
		var raw sql.RawBytes
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		var e deskside.Event
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// Tail implements desk.Log. A position is a row of the table of events.
func (s *SQLite) Tail(ctx context.Context, position int64) ([]deskside.Hint, int64, error) {
	db, err := s.reader()
	if err != nil {
		return nil, position, err
	}
	var end int64
	if err := db.read.QueryRowContext(ctx, "SELECT coalesce(max(rowid), 0) FROM events").Scan(&end); err != nil {
		return nil, position, failed("read the end of the log", err)
	}
	if position < 0 || end <= position { // the end falls where the newest events were erased
		return nil, max(position, end), nil
	}
	rows, err := db.read.QueryContext(ctx, `SELECT s.id, t.number FROM
		(SELECT session, max(seq) AS number FROM events WHERE rowid > ? AND rowid <= ? GROUP BY session) t
		JOIN sessions s ON s.row = t.session`, position, end)
	if err != nil {
		return nil, position, failed("read the end of the log", err)
	}
	hints, err := collect(rows, func(h *deskside.Hint) []any { return []any{&h.Session, &h.Number} })
	return hints, end, failed("read the end of the log", err)
}

// collect reads every row into a T, whose fields fields names.
func collect[T any](rows *sql.Rows, fields func(*T) []any) (all []T, err error) {
	defer rows.Close()
	for rows.Next() {
		var one T
		if err := rows.Scan(fields(&one)...); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// query reads every row of a query into a T.
func query[T any](ctx context.Context, s *SQLite, what string, fields func(*T) []any, sql string, args ...any) ([]T, error) {
	db, err := s.reader()
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, sql, args...)
	if err != nil {
		return nil, failed(what, err)
	}
	all, err := collect(rows, fields)
	return all, failed(what, err)
}

// one reads the only row of a query; missing is the refusal where there is
// none.
func one[T any](ctx context.Context, s *SQLite, what string, missing error, fields func(*T) []any, sql string, args ...any) (T, error) {
	all, err := query(ctx, s, what, fields, sql, args...)
	if err == nil && len(all) == 0 {
		err = missing
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}
