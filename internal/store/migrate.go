package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"deskside"
)

// The tables as Migrate copies them; what is not here is of the moment, or
// made anew. Columns that name a session's row come first.
var (
	tablesOfSessions = []copied{
		{"keys", "session, generation, digits, link, sealed, visits"},
		{"guests", "session, mac, participant"},
		{"absences", "session, participant, since, settled"},
		{"marks", "session, participant, delivered, read"},
		{"invitations", "session, id, address, letter, due, reference, polls, made"},
		{"files", "session, id, content, picture, preview, due, tries, held"},
	}
	otherTables = []copied{
		{"agents", "id, name, email, role, password, created"},
		{"logins", "mac, agent, expires"},
		{"settings", "name, value"},
		{"moments", "name, at"},
		{"texts", "language, sms, subject, mail"},
		{"attempts", "kind, subject, at"},
		{"remains", "content, upload"},
	}
)

type copied struct{ table, columns string }

const (
	// copyAtOnce is about how many events one transaction copies.
	copyAtOnce = 2000
	// aliveFor is for how long after its last sign a node may still run.
	aliveFor = time.Minute
)

// migrating stands among the settings of a database while Migrate fills it:
// its value is the row of the last session that is there whole.
const migrating = "migrating"

// Progress tells how far Migrate has come.
type Progress struct {
	Sessions, Of int  // that are there
	Checking     bool // all are there, and are being compared
}

// Migrate copies everything from one database to another, which must be
// empty, or hold what an earlier call has copied from the same one: it goes on
// from there. In the end it compares the counts of all tables, and each
// session's log by its SHA-256. No server may run on either meanwhile.
func Migrate(ctx context.Context, from, to string, opt Options, tell func(Progress)) error {
	opt.unhurried, opt.existing = true, true
	source, err := Open(ctx, from, opt)
	if err != nil {
		return err
	}
	defer source.Close()
	opt.migrating, opt.existing = true, false
	target, err := Open(ctx, to, opt)
	if err != nil {
		return err
	}
	m := &migration{source: source, target: target, tell: tell}
	return errors.Join(m.run(ctx), target.Close())
}

type migration struct {
	source, target *Store
	tell           func(Progress)
	progress       Progress
}

func (m *migration) run(ctx context.Context) error {
	for _, s := range []*Store{m.source, m.target} {
		if err := s.stillAlive(ctx); err != nil {
			return err
		}
	}
	last, err := m.begin(ctx)
	if err != nil {
		return err
	}
	if m.progress.Of, err = m.source.count(ctx, "sessions"); err != nil {
		return err
	}
	if m.progress.Sessions, err = m.target.count(ctx, "sessions"); err != nil {
		return err
	}
	for more := true; more; {
		m.tell(m.progress)
		if last, more, err = m.sessions(ctx, last); err != nil {
			return err
		}
	}
	if err := m.others(ctx); err != nil {
		return err
	}
	m.progress.Checking = true
	m.tell(m.progress)
	if err := m.compare(ctx); err != nil {
		return err
	}
	return m.target.do(ctx, func(t *tx) error { return t.exec("DELETE FROM settings WHERE name = $1", migrating) })
}

// stillAlive refuses a database that a server uses.
func (s *Store) stillAlive(ctx context.Context) error {
	n, err := one(ctx, s, "look for servers", nil, func(n *int) []any { return []any{n} },
		"SELECT count(*) FROM nodes WHERE seen > $1", millis(s.now().Add(-aliveFor)))
	if err == nil && n > 0 {
		err = fmt.Errorf("a server runs on one of the databases, or did so until %s ago; stop it first", aliveFor)
	}
	return err
}

func (s *Store) count(ctx context.Context, table string) (int, error) {
	return one(ctx, s, "count "+table, nil, func(n *int) []any { return []any{n} }, "SELECT count(*) FROM "+table)
}

// begun returns the row up to which the store has been filled; ok is false
// where none of that has begun, or all has ended.
func (s *Store) begun(ctx context.Context) (row int64, ok bool, err error) {
	values, err := query(ctx, s, "read the settings", func(v *[]byte) []any { return []any{v} },
		"SELECT value FROM settings WHERE name = $1", migrating)
	if err != nil || len(values) == 0 {
		return 0, false, err
	}
	row, _ = binary.Varint(values[0])
	return row, true, nil
}

// begin marks the target as one that is being filled, and returns how far that
// is.
func (m *migration) begin(ctx context.Context) (last int64, err error) {
	last, begun, err := m.target.begun(ctx)
	if err != nil || begun {
		return last, err
	}
	for _, table := range []string{"sessions", "agents"} {
		n, err := m.target.count(ctx, table)
		if err != nil {
			return 0, err
		}
		if n > 0 {
			return 0, errors.New("the database to migrate to is not empty")
		}
	}
	return 0, m.target.do(ctx, func(t *tx) error { return t.reached(0) })
}

// reached notes the row of the last session that is there whole.
func (t *tx) reached(row int64) error {
	return t.exec("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		migrating, binary.AppendVarint(nil, row))
}

// A moved is one session on its way.
type moved struct {
	row     int64
	session []any
	events  []eventRow
	tables  [][][]any // of tablesOfSessions
}

const sessionColumns = "id, agent, created, due, ended, seen, overview"

// sessions copies some sessions after the row, each whole, and returns the
// last one's. more is false where there was none.
func (m *migration) sessions(ctx context.Context, after int64) (last int64, more bool, err error) {
	var batch []*moved
	for events := 0; events < copyAtOnce && len(batch) < copyAtOnce/10; {
		next, err := m.read(ctx, after)
		if err != nil {
			return after, false, err
		}
		if next == nil {
			break
		}
		batch, after, events = append(batch, next), next.row, events+len(next.events)
	}
	if len(batch) == 0 {
		return after, false, nil
	}
	m.progress.Sessions += len(batch)
	return after, true, m.target.do(ctx, func(t *tx) error {
		for _, s := range batch {
			if err := t.insertSession(s); err != nil {
				return err
			}
		}
		return t.reached(after)
	})
}

// read reads the next session after the row; nil where there is none.
func (m *migration) read(ctx context.Context, after int64) (*moved, error) {
	rows, err := m.source.rows(ctx, "SELECT s.row, "+sessionColumns+" FROM sessions s WHERE s.row > $1 ORDER BY s.row LIMIT 1", after)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	s := &moved{row: rows[0][0].(int64), session: rows[0]}
	s.events, err = query(ctx, m.source, "read a log", func(e *eventRow) []any { return []any{&e.session, &e.seq, &e.json} },
		"SELECT session, seq, json FROM events WHERE session = $1 ORDER BY seq", s.row)
	if err != nil {
		return nil, err
	}
	for _, c := range tablesOfSessions {
		rows, err := m.source.rows(ctx, "SELECT "+c.columns+" FROM "+c.table+" WHERE session = $1", s.row)
		if err != nil {
			return nil, err
		}
		s.tables = append(s.tables, rows)
	}
	return s, nil
}

// rows reads every row of a query, as it is.
func (s *Store) rows(ctx context.Context, query string, args ...any) (all [][]any, err error) {
	db, err := s.engine.reader()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

func (t *tx) insertSession(s *moved) error {
	errs := []error{t.exec(`INSERT INTO sessions ("row", `+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, s.session...)}
	if len(s.events) > 0 {
		errs = append(errs, t.append(s.events))
	}
	for i, c := range tablesOfSessions {
		errs = append(errs, t.insertRows(c, s.tables[i]))
	}
	if ended := s.session[5]; ended != nil {
		errs = append(errs, t.indexMoved(s))
	}
	return errors.Join(errs...)
}

func (t *tx) insertRows(c copied, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	places := make([]string, len(rows[0]))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	insert := "INSERT INTO " + c.table + " (" + c.columns + ") VALUES (" + strings.Join(places, ", ") + ")"
	for _, row := range rows {
		if err := t.exec(insert, row...); err != nil {
			return err
		}
	}
	return nil
}

// indexMoved lets History find a session that was copied.
func (t *tx) indexMoved(s *moved) error {
	events := make([]deskside.Event, len(s.events))
	session := &deskside.Session{ID: deskside.SessionID(s.session[1].(string))}
	for i, row := range s.events {
		if err := events[i].UnmarshalJSON(row.json); err != nil {
			return err
		}
		session.Apply(&events[i])
	}
	return t.index(s.row, document(session, events))
}

// others copies what belongs to no session, anew each time.
func (m *migration) others(ctx context.Context) error {
	return m.target.do(ctx, func(t *tx) error {
		last, _, err := m.target.begun(ctx)
		if err != nil {
			return err
		}
		for _, c := range otherTables {
			rows, err := m.source.rows(ctx, "SELECT "+c.columns+" FROM "+c.table)
			if err != nil {
				return err
			}
			if err := errors.Join(t.exec("DELETE FROM "+c.table), t.insertRows(c, rows)); err != nil {
				return err
			}
		}
		return errors.Join(t.reached(last), t.startAfter(last))
	})
}

// compare compares both databases.
func (m *migration) compare(ctx context.Context) error {
	for _, c := range append(append([]copied{{"sessions", ""}, {"events", ""}}, tablesOfSessions...), otherTables...) {
		was, err := m.source.count(ctx, c.table)
		if err != nil {
			return err
		}
		is, err := m.target.count(ctx, c.table)
		if err != nil {
			return err
		}
		if c.table == "settings" {
			is-- // the mark of the migration itself
		}
		if was != is {
			return fmt.Errorf("the copy has %d %s and not %d", is, c.table, was)
		}
	}
	ids, err := query(ctx, m.source, "list sessions", idField, `SELECT s.id FROM sessions s ORDER BY s.row`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		was, err := m.source.digest(ctx, id)
		if err != nil {
			return err
		}
		is, err := m.target.digest(ctx, id)
		if err != nil {
			return err
		}
		if was != is {
			return fmt.Errorf("the log of session %s is not the same in the copy", id)
		}
	}
	return nil
}

// digest returns the SHA-256 of a session's log: of each event's number and
// length, each by 8 bytes, and its JSON.
func (s *Store) digest(ctx context.Context, id deskside.SessionID) (sum [sha256.Size]byte, err error) {
	db, err := s.engine.reader()
	if err != nil {
		return sum, err
	}
	rows, err := db.QueryContext(ctx, "SELECT e.seq, e.json FROM events e JOIN sessions s ON s.row = e.session WHERE s.id = $1 ORDER BY e.seq", string(id))
	if err != nil {
		return sum, err
	}
	defer rows.Close()
	h := sha256.New()
	for rows.Next() {
		var seq uint64
		var json sql.RawBytes
		if err := rows.Scan(&seq, &json); err != nil {
			return sum, err
		}
		h.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, seq), uint64(len(json))))
		h.Write(json)
	}
	return [sha256.Size]byte(h.Sum(nil)), rows.Err()
}
