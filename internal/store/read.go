package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"deskside"
)

// readFor bounds a read: a database that is silent for longer is away.
const readFor = 5 * time.Second

var errSilent = errors.New("the database does not answer")

// bounded gives a read its end.
func (s *Store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.opt.unhurried {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, readFor, errSilent)
}

// unread is failed for a read that was bounded. What took too long was the
// database, unless the caller has given up.
func unread(bounded context.Context, what string, err error) error {
	silent := bounded.Err() == nil && errors.Is(err, context.DeadlineExceeded) // a try to connect has its own end
	if err != nil && (silent || errors.Is(context.Cause(bounded), errSilent)) {
		return deskside.Unavailable(fmt.Errorf("%s: %w", what, errSilent))
	}
	return failed(what, err)
}

func notFound() error { return deskside.Errorf(deskside.CodeNotFound, "There is no such session.") }

// View implements desk.Log. It waits for the writer only where that works on
// this very session.
func (s *Store) View(ctx context.Context, id deskside.SessionID, look func(*deskside.Session) error) error {
	for {
		f, removed := s.sessions.get(id)
		var err error
		if f != nil {
			err = s.refresh(ctx, f)
		} else if f, err = s.fold(ctx, id); err == nil {
			s.sessions.offer(f, removed)
		}
		if err != nil {
			return failed("read a session", err)
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

// refresh adds what other nodes have appended to a session in memory.
func (s *Store) refresh(ctx context.Context, f *folded) error {
	row, known := f.position()
	number, err := s.engine.number(ctx, row, known)
	if err != nil || number == known {
		return err
	}
	if number == 0 {
		return notFound() // erased
	}
	if number < known { // the log has lost its end: see errAhead
		s.sessions.forget(f)
		return nil
	}
	events, err := s.eventsOf(ctx, row, known)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.apply(events)
	return nil
}

// position returns the session's row, and how far it is known.
func (f *folded) position() (row, number int64) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.row, f.session.Number
}

// apply folds those events that come next.
func (f *folded) apply(events []deskside.Event) {
	for i := range events {
		if events[i].Seq == f.session.Number+1 {
			f.session.Apply(&events[i])
		}
	}
}

// fold reads a session that is not in memory.
func (s *Store) fold(ctx context.Context, id deskside.SessionID) (*folded, error) {
	missing := notFound()
	row, err := one(ctx, s, "read a session", missing, func(n *int64) []any { return []any{n} }, "SELECT s.row FROM sessions s WHERE s.id = $1", string(id))
	if err != nil {
		return nil, err
	}
	events, err := s.eventsOf(ctx, row, 0)
	if err == nil && len(events) == 0 {
		err = missing // erased meanwhile
	}
	if err != nil {
		return nil, err
	}
	f := &folded{session: &deskside.Session{ID: id}, row: row}
	f.apply(events)
	return f, nil
}

// eventsOf reads the log of a session from after a number to its end.
func (s *Store) eventsOf(ctx context.Context, row, after int64) ([]deskside.Event, error) {
	return s.readEvents(ctx, "SELECT json FROM events WHERE session = $1 AND seq > $2 ORDER BY seq", row, after)
}

// Events implements desk.Log.
func (s *Store) Events(ctx context.Context, id deskside.SessionID, after int64, limit int) ([]deskside.Event, error) {
	return s.readEvents(ctx, `SELECT e.json FROM events e WHERE e.session = (SELECT s.row FROM sessions s WHERE s.id = $1)
		AND e.seq > $2 ORDER BY e.seq LIMIT $3`, string(id), after, limit)
}

func (s *Store) readEvents(ctx context.Context, query string, args ...any) ([]deskside.Event, error) {
	db, err := s.engine.reader()
	if err != nil {
		return nil, err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	rows, err := db.QueryContext(ctx, query, s.engine.values(args)...)
	if err != nil {
		return nil, unread(ctx, "read events", err)
	}
	events, err := readEvents(rows)
	return events, unread(ctx, "read events", err)
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

// Numbers implements desk.Log.
func (s *Store) Numbers(ctx context.Context, ids []deskside.SessionID) ([]deskside.Hint, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.engine.numbers(ctx, ids)
}

func hintFields(h *deskside.Hint) []any { return []any{&h.Session, &h.Number} }

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
func query[T any](ctx context.Context, s *Store, what string, fields func(*T) []any, sql string, args ...any) ([]T, error) {
	db, err := s.engine.reader()
	if err != nil {
		return nil, err
	}
	return queryFrom(ctx, s, db, what, fields, sql, args...)
}

// queryFrom is query from those connections.
func queryFrom[T any](ctx context.Context, s *Store, db *sql.DB, what string, fields func(*T) []any, sql string, args ...any) ([]T, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	rows, err := db.QueryContext(ctx, sql, s.engine.values(args)...)
	if err != nil {
		return nil, unread(ctx, what, err)
	}
	all, err := collect(rows, fields)
	return all, unread(ctx, what, err)
}

// one reads the only row of a query; missing is the refusal where there is
// none.
func one[T any](ctx context.Context, s *Store, what string, missing error, fields func(*T) []any, sql string, args ...any) (T, error) {
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
