package desk

import (
	"context"
	"sync"

	"deskside"
)

// A line is somebody's connection, as the store has it from open to close.
// The zero line is nobody's.
type line struct {
	desk *Desk

	mu   sync.Mutex          // held while the store is told, so that it is told in order
	conn deskside.Connection // without an id before open, and after close
}

func (l *line) open(ctx context.Context, d *Desk, session deskside.SessionID, p deskside.ParticipantID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	conn := deskside.Connection{ID: deskside.NewID(), Node: d.opt.Node, Session: session, Participant: p}
	err := d.store.Connect(ctx, conn)
	if err == nil {
		l.desk, l.conn = d, conn
	}
	return err
}

// away says whether the page is out of view.
func (l *line) away(ctx context.Context, away bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn.ID == "" || l.conn.Away == away {
		return nil
	}
	conn := l.conn
	conn.Away = away
	if err := l.desk.store.Connect(ctx, conn); err != nil {
		return err
	}
	l.conn = conn
	l.desk.tellPresence(ctx, conn.Session, conn.Participant)
	return nil
}

// again tells the store of the connection once more.
func (l *line) again(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn.ID == "" {
		return nil
	}
	err := l.desk.store.Connect(ctx, l.conn)
	switch {
	case deskside.CodeOf(err) == deskside.CodeNotFound: // erased meanwhile
		return nil
	case err == nil && l.conn.Session != "":
		l.desk.connected(ctx, l.conn.Participant, l.conn.Session)
	}
	return err
}

func (l *line) close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	conn := l.conn
	if conn.ID == "" {
		return nil
	}
	l.conn = deskside.Connection{}
	err := l.desk.store.Disconnect(ctx, conn.ID)
	if err == nil && conn.Session != "" {
		l.desk.tellPresence(ctx, conn.Session, conn.Participant)
	}
	return err
}
