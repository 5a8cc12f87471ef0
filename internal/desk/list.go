package desk

import (
	"context"
	"sync"

	"deskside"
)

// A ListWatch is one agent's live view of their open sessions. Its owner
// calls Next whenever notify was called, and Close in the end.
type ListWatch struct {
	desk   *Desk
	who    deskside.Actor
	notify func()
	cancel func()
	line   line // says that the agent can be rung at

	mu      sync.Mutex // guards changed
	changed map[deskside.SessionID]bool
}

// WatchList begins to watch the open sessions that who sees, and returns them
// as they are. notify is called, from any goroutine, whenever Next has
// something; it must not block.
func (d *Desk) WatchList(ctx context.Context, who deskside.Actor, notify func()) (*ListWatch, []deskside.Overview, error) {
	l := &ListWatch{desk: d, who: who, notify: notify, changed: make(map[deskside.SessionID]bool)}
	l.cancel = d.bus.Subscribe("", l.hear)
	d.polled.addList(l)
	list, err := d.OpenSessions(ctx, who)
	if err == nil {
		err = l.line.open(ctx, d, "", who.ID)
	}
	if err != nil {
		l.unsubscribe()
		return nil, nil, err
	}
	return l, list, nil
}

// Close ends the watch.
func (l *ListWatch) Close(ctx context.Context) {
	l.unsubscribe()
	if err := l.line.close(ctx); err != nil {
		l.desk.log.Warn("a closed list was not recorded", "agent", l.who.ID, "error", err)
	}
}

func (l *ListWatch) unsubscribe() {
	l.cancel()
	l.desk.polled.dropList(l)
}

func (l *ListWatch) hear(n deskside.Notice) {
	if !l.who.Admin && n.Agent != deskside.AgentID(l.who.ID) {
		return
	}
	if n.Signal == nil || n.Signal.Kind == deskside.SignalPresence {
		l.change(n.Session)
	}
}

func (l *ListWatch) change(id deskside.SessionID) {
	l.mu.Lock()
	l.changed[id] = true
	l.mu.Unlock()
	l.notify()
}

// Next returns the sessions that changed since it was called last, as they
// are now.
func (l *ListWatch) Next(ctx context.Context) ([]deskside.Overview, error) {
	l.mu.Lock()
	changed := l.changed
	l.changed = make(map[deskside.SessionID]bool)
	l.mu.Unlock()
	list := make([]deskside.Overview, 0, len(changed))
	for id := range changed {
		pic, err := l.desk.Picture(ctx, l.who, id)
		switch {
		case deskside.CodeOf(err) == deskside.CodeNotFound: // not for this agent
		case err != nil:
			return nil, err
		default:
			list = append(list, pic.Overview)
		}
	}
	return list, nil
}
