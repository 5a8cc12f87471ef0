package desk

import (
	"context"

	"deskside"
)

// connected tells everybody that p is here, and logs it where they had left.
func (d *Desk) connected(ctx context.Context, p deskside.ParticipantID, id deskside.SessionID) {
	d.tellPresence(ctx, id, p)
	returned := false
	_ = d.store.View(ctx, id, func(s *deskside.Session) error {
		returned = s.Connected(p, d.now()) != nil
		return nil
	})
	if !returned {
		return
	}
	_, err := d.update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
		return logged(p, s.Connected(p, d.now())), nil
	})
	if err != nil {
		d.log.Warn("a return was not logged", "session", id, "participant", p, "error", err)
	}
}

// logged is the change that stores one event, or nothing where there is none.
func logged(by deskside.ParticipantID, body deskside.Body) deskside.Change {
	if body == nil {
		return deskside.Change{}
	}
	return deskside.Change{Events: []deskside.Event{{By: by, Body: body}}}
}

// presenceOf returns how reachable a participant is now.
func (d *Desk) presenceOf(ctx context.Context, id deskside.SessionID, p deskside.ParticipantID) (deskside.PresenceOf, error) {
	present, err := d.store.Present(ctx, id)
	for _, q := range present {
		if q.Participant == p {
			return q, err
		}
	}
	return deskside.PresenceOf{Participant: p, Presence: deskside.Offline}, err
}

// tellRounds bounds how often tellPresence tells of one who comes and goes.
const tellRounds = 5

// tellPresence signals how reachable a participant is now. It looks once more
// afterwards: what was read may have been overtaken by what another node has
// told since, and the last word has to be the newest.
func (d *Desk) tellPresence(ctx context.Context, id deskside.SessionID, p deskside.ParticipantID) {
	now := d.now()
	var told deskside.PresenceOf
	for range tellRounds {
		is, err := d.presenceOf(ctx, id, p)
		if err != nil {
			d.log.Warn("presence is unknown", "session", id, "error", err)
			return
		}
		if is.Presence == deskside.Offline && is.Since.IsZero() { // the store knows of no absence
			is.Since = now
		}
		if is == told {
			return
		}
		d.signalPresence(ctx, id, is)
		told = is
	}
}

func (d *Desk) signalPresence(ctx context.Context, id deskside.SessionID, present ...deskside.PresenceOf) {
	var agent deskside.AgentID
	_ = d.store.View(ctx, id, func(s *deskside.Session) error { agent = s.Agent; return nil })
	for _, p := range present {
		signal := deskside.Signal{Kind: deskside.SignalPresence, By: p.Participant, Presence: p.Presence}
		if !p.Since.IsZero() {
			signal.Since = p.Since.UnixMilli()
		}
		d.signal(id, agent, signal)
	}
}

// repeatPresence signals once more how reachable everybody is in the sessions
// that are watched here, where the bus was away: what it lost of that nobody
// reads from the log.
func (d *Desk) repeatPresence(ctx context.Context) error {
	gaps := d.bus.Gaps()
	if gaps == d.polled.gaps {
		return nil
	}
	for _, id := range d.polled.watched() {
		present, err := d.store.Present(ctx, id)
		if err != nil {
			return err
		}
		d.signalPresence(ctx, id, present...)
	}
	d.polled.gaps = gaps
	return nil
}
