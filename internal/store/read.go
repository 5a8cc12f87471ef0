package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"deskside"
)

func notFound() error { return deskside.Errorf(deskside.CodeNotFound, "There is no such session.") }

// View implements desk.Log.
func (s *SQLite) View(ctx context.Context, id deskside.SessionID, look func(*deskside.Session) error) error {
	s.states.mu.RLock()
	st := s.states.peek(id)
	if st != nil {
		defer s.states.mu.RUnlock()
		return look(st.session)
	}
	s.states.mu.RUnlock()
	st, err := s.fold(ctx, id)
	if err != nil {
		return failed("read a session", err)
	}
	kept, err := s.keep(ctx, st)
	if err != nil {
		return failed("read a session", err)
	}
	if kept { // shared now
		s.states.mu.RLock()
		defer s.states.mu.RUnlock()
	}
	return look(st.session)
}

// fold reads a session that is not in memory.
func (s *SQLite) fold(ctx context.Context, id deskside.SessionID) (*state, error) {
	db, err := s.reader()
	if err != nil {
		return nil, err
	}
	st := &state{session: &deskside.Session{ID: id}}
	if err := db.QueryRowContext(ctx, "SELECT row FROM sessions WHERE id = ?", string(id)).Scan(&st.row); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, notFound()
		}
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT json FROM events WHERE session = ? ORDER BY seq", st.row)
	if err != nil {
		return nil, err
	}
	events, err := readEvents(rows)
	for i := range events {
		st.session.Apply(&events[i])
	}
	return st, err
}

// keep puts a session that was read into memory, unless the log has grown
// since. While the lock is held the writer commits nothing.
func (s *SQLite) keep(ctx context.Context, st *state) (kept bool, err error) {
	s.states.mu.Lock()
	defer s.states.mu.Unlock()
	if s.states.peek(st.session.ID) != nil || s.fault.Load() != nil {
		return false, nil
	}
	db, err := s.reader()
	if err != nil {
		return false, err
	}
	var number int64
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM events WHERE session = ?", st.row).Scan(&number)
	if err != nil || number != st.session.Number {
		return false, err
	}
	s.states.put(st)
	s.states.trim()
	return true, nil
}

// Events implements desk.Log.
func (s *SQLite) Events(ctx context.Context, id deskside.SessionID, after int64, limit int) ([]deskside.Event, error) {
	db, err := s.reader()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT e.json FROM events e WHERE e.session = (SELECT row FROM sessions WHERE id = ?)
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
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(rowid), 0) FROM events").Scan(&end); err != nil {
		return nil, position, failed("read the end of the log", err)
	}
	if position < 0 || end <= position {
		return nil, end, nil
	}
	rows, err := db.QueryContext(ctx, `SELECT s.id, t.number FROM
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
	rows, err := db.QueryContext(ctx, sql, args...)
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
