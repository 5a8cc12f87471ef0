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

// open tells the store of the connection. Where it is in doubt whether that was
// stored, it is taken back later: nobody will close it.
func (l *line) open(ctx context.Context, d *Desk, session deskside.SessionID, p deskside.ParticipantID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	conn := deskside.Connection{ID: deskside.NewID(), Node: d.opt.Node, Session: session, Participant: p}
	err := d.store.Connect(ctx, conn)
	switch {
	case err == nil:
		l.desk, l.conn = d, conn
	case deskside.CodeOf(err) != deskside.CodeNotFound:
		d.disconnectLater(conn)
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
	if err == nil && l.conn.Session != "" {
		l.desk.connected(ctx, l.conn.Participant, l.conn.Session)
	}
	return unlessErased(err)
}

// close tells the store that the connection is gone. Where that fails, it is
// told later: else somebody would be here for as long as the node lives.
func (l *line) close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	conn := l.conn
	if conn.ID == "" {
		return nil
	}
	l.conn = deskside.Connection{}
	err := l.desk.disconnect(ctx, conn)
	if err != nil {
		l.desk.disconnectLater(conn)
	}
	return err
}

func (d *Desk) disconnect(ctx context.Context, conn deskside.Connection) error {
	err := d.store.Disconnect(ctx, conn.ID)
	if err == nil && conn.Session != "" {
		d.tellPresence(ctx, conn.Session, conn.Participant)
	}
	return err
}

func (d *Desk) disconnectLater(conn deskside.Connection) {
	d.polled.late(func(ctx context.Context) error { return d.disconnect(ctx, conn) })
}

// disconnectLate tells the store of connections that have gone while it could
// not be told.
func (d *Desk) disconnectLate(ctx context.Context) error {
	unsaid := d.polled.takeLate()
	for i, say := range unsaid {
		if err := say(ctx); err != nil {
			d.polled.late(unsaid[i:]...)
			return err
		}
	}
	return nil
}
