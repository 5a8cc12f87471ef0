package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"deskside"
)

// Update implements desk.Log.
func (s *Store) Update(ctx context.Context, id deskside.SessionID, decide func(*deskside.Session) (deskside.Change, error)) ([]deskside.Event, error) {
	j := &job{id: id, decide: decide}
	err := s.submit(ctx, j)
	if err != nil {
		return nil, err
	}
	return j.events, nil
}

// update lets decide look at the session and stores what it decides. refused
// is decide's, and nothing was stored then; fault takes the whole transaction
// back.
func (t *tx) update(id deskside.SessionID, decide func(*deskside.Session) (deskside.Change, error)) (events []deskside.Event, refused, fault error) {
	f, err := t.hold(id)
	if err != nil {
		return nil, nil, err
	}
	change, err := decideSafely(decide, f.session)
	if err != nil || len(change.Events) == 0 && change.Job == nil && change.File == nil || f.row == 0 && len(change.Events) == 0 {
		return nil, err, nil
	}
	if change.Key != nil {
		taken, err := t.keyTaken(change.Key)
		if err != nil {
			return nil, nil, err
		}
		if taken {
			return nil, deskside.ErrKeyTaken, nil
		}
	}
	if err := t.add(f, change.Events); err != nil {
		return nil, nil, err
	}
	return change.Events, nil, t.follow(f, change)
}

// decideSafely keeps a panic in a decision from ending the writer.
func decideSafely(decide func(*deskside.Session) (deskside.Change, error), s *deskside.Session) (c deskside.Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a decision panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return decide(s)
}

// hold returns the folded session, as the log has it, an empty one where there
// is none. It is locked until the transaction is over.
func (t *tx) hold(id deskside.SessionID) (*folded, error) {
	if f := t.held[id]; f != nil {
		return f, nil
	}
	err := t.holdAll([]*job{{id: id, decide: nothing}})
	return t.held[id], err
}

func nothing(*deskside.Session) (deskside.Change, error) { return deskside.Change{}, nil }

// holdAll holds every session that the jobs decide about.
func (t *tx) holdAll(batch []*job) error {
	var known, unknown []*folded
	for _, j := range batch {
		if j.decide == nil || t.held[j.id] != nil {
			continue
		}
		f := t.s.sessions.lock(j.id)
		if f == nil {
			f = &folded{session: &deskside.Session{ID: j.id}}
			f.mu.Lock()
			unknown = append(unknown, f)
		} else {
			known = append(known, f)
		}
		t.held[j.id] = f
	}
	if len(known) == 0 && len(unknown) == 0 {
		return nil
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := t.fresh(known, unknown); err != nil {
		return err
	}
	for _, f := range unknown {
		if f.row != 0 {
			t.s.sessions.put(f)
		}
	}
	return nil
}

// add numbers the events, folds them, and queues them for insertion.
func (t *tx) add(f *folded, events []deskside.Event) error {
	if f.row == 0 {
		if err := t.create(f, events[0]); err != nil {
			return err
		}
	}
	now := deskside.Timestamp(t.s.now())
	if now.Before(f.session.LastAt) {
		now = f.session.LastAt // the clock was set back
	}
	for i := range events {
		e := &events[i]
		e.Seq, e.At = f.session.Number+1, now
		if err := e.Encode(); err != nil {
			return err
		}
		f.session.Apply(e)
		t.rows = append(t.rows, eventRow{f.row, e.Seq, e.JSON()})
	}
	return nil
}

// create makes the row of a new session.
func (t *tx) create(f *folded, first deskside.Event) error {
	created, ok := first.Body.(*deskside.Created)
	if !ok {
		return fmt.Errorf("session %s begins with %s", f.session.ID, first.Body.Type())
	}
	now := millis(t.s.now())
	const insert = "INSERT INTO sessions (id, agent, created, due, seen, overview) VALUES ($1, $2, $3, $4, $5, '{}') RETURNING sessions.row"
	args := []any{string(f.session.ID), string(created.Agent), now, millis(created.Expires), now}
	if _, err := t.scan(insert, args, &f.row); err != nil {
		return err
	}
	t.s.sessions.put(f)
	return nil
}

// follow brings the other tables in line with the events of a change.
func (t *tx) follow(f *folded, c deskside.Change) error {
	var errs []error
	for i := range c.Events {
		if endsKeys(f.session, &c.Events[i]) {
			errs = append(errs,
				t.exec("UPDATE keys SET sealed = NULL WHERE session = $1 AND sealed IS NOT NULL", f.row),
				t.exec("UPDATE invitations SET letter = NULL WHERE session = $1 AND letter IS NOT NULL", f.row))
		}
		if _, over := c.Events[i].Body.(*deskside.Ended); over { // nobody sends the rest of a file any more
			errs = append(errs, t.exec("UPDATE files SET due = $1 WHERE session = $2 AND content IS NULL AND held IS NULL", millis(t.s.now()), f.row))
		}
		if shows(f.session, &c.Events[i]) {
			errs = append(errs, t.project(f))
		}
	}
	if k := c.Key; k != nil {
		errs = append(errs, t.exec("INSERT INTO keys (session, generation, digits, link, sealed) VALUES ($1, $2, $3, $4, $5)",
			f.row, k.Generation, k.DigitsMAC, k.LinkMAC, k.Sealed))
	}
	if g := c.Guest; g != nil {
		errs = append(errs, t.exec("INSERT INTO guests (mac, session, participant) VALUES ($1, $2, $3)", g.MAC, f.row, string(g.Participant)))
	}
	if c.Job != nil {
		errs = append(errs, t.setJob(f.row, c.Job))
	}
	if c.File != nil {
		errs = append(errs, t.setFile(f.row, c.File))
	}
	if c.Drop != nil {
		errs = append(errs, t.exec("DELETE FROM guests WHERE mac = $1", c.Drop))
	}
	return errors.Join(errs...)
}

// endsKeys says whether nobody needs to see the session's keys any more. An
// expired key stays sealed: it may be extended, and has the same digits then.
func endsKeys(s *deskside.Session, e *deskside.Event) bool {
	switch e.Body.(type) {
	case *deskside.KeyRevoked, *deskside.KeyRenewed, *deskside.Ended:
		return true
	case *deskside.Arrived:
		return !s.Started.IsZero()
	}
	return false
}

// shows says whether an event changes what lists and History show of its
// session, or when it is due. What is merely said does not: it would write a row for each
// message.
func shows(s *deskside.Session, e *deskside.Event) bool {
	switch e.Body.(type) {
	case *deskside.Left, *deskside.Returned: // of somebody at an end of a view it is a matter of time
		return s.View().EndUser != ""

	case *deskside.Created, *deskside.KeyExtended, *deskside.KeyRenewed, *deskside.KeyExpired, *deskside.KeyRevoked,
		*deskside.Arrived, *deskside.Ended, *deskside.Rated, *deskside.Summarized, *deskside.Titled, *deskside.Noted,
		*deskside.Doubted, *deskside.KeyAsked, *deskside.Reported, *deskside.ViewAsked, *deskside.ViewChoosing,
		*deskside.ViewGranted, *deskside.ViewDeclined, *deskside.ViewStopped, *deskside.ControlAsked, *deskside.ControlPreparing,
		*deskside.ControlGranted, *deskside.ControlDeclined, *deskside.ControlStopped, *deskside.HelperReached:
		return true
	}
	return false
}

// project writes the session's row, and what History finds once it has ended.
func (t *tx) project(f *folded) error {
	now := t.s.now()
	overview, err := json.Marshal(f.session.Overview(now))
	if err != nil {
		return err
	}
	var due, ended any
	if t := f.session.Due(); !t.IsZero() {
		due = millis(t)
	}
	if !f.session.EndedAt.IsZero() {
		ended = millis(f.session.EndedAt)
	}
	if err := t.exec("UPDATE sessions SET due = $1, ended = $2, overview = $3 WHERE sessions.row = $4", due, ended, string(overview), f.row); err != nil || ended == nil {
		return err
	}
	return t.find(f)
}

// find lets History find the session.
func (t *tx) find(f *folded) error {
	if err := t.flush(); err != nil {
		return err
	}
	events, err := eventsIn(t, f.row)
	if err != nil {
		return err
	}
	return t.index(f.row, document(f.session, events))
}

// eventsIn reads a session's whole log.
func eventsIn(t transaction, row int64) (events []deskside.Event, err error) {
	var raw []byte
	err = t.each("SELECT json FROM events WHERE session = $1 ORDER BY seq", []any{row}, []any{&raw}, func() error {
		var e deskside.Event
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		events = append(events, e)
		return nil
	})
	return events, err
}

// document is what can be found of a session: its title and summary, and
// everything said in its newest form.
func document(s *deskside.Session, events []deskside.Event) string {
	texts := []string{s.Title, s.Note, strings.Join(s.Tags, " ")}
	at := make(map[int64]int)
	for _, e := range events {
		e = s.Redact(e)
		switch b := e.Body.(type) {
		case *deskside.Message:
			at[e.Seq] = len(texts)
			texts = append(texts, b.Text)
		case *deskside.LinkPushed:
			texts = append(texts, b.URL)
		case *deskside.Attached:
			texts = append(texts, b.Name)
		case *deskside.Noted:
			texts = append(texts, b.Text)
		case *deskside.Edited:
			if i, ok := at[b.Message]; ok {
				texts[i] = b.Text
			}
		}
	}
	texts = append(texts, s.AgentName)
	return strings.ReplaceAll(strings.Join(compact(texts), "\n"), "\x00", " ")
}

func compact(texts []string) []string {
	kept := texts[:0]
	for _, t := range texts {
		if t != "" {
			kept = append(kept, t)
		}
	}
	return kept
}

// keyTaken says whether another session has the digits.
func (t *tx) keyTaken(k *deskside.Key) (bool, error) {
	var one int
	return t.scan("SELECT 1 FROM keys WHERE digits = $1", []any{k.DigitsMAC}, &one)
}
