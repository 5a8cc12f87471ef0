package desk

import (
	"context"
	"net/netip"
	"time"

	"deskside"
)

// A Door is what somebody with a link or a key finds before they do anything.
type Door struct {
	Session    deskside.SessionID
	AgentName  string
	Created    time.Time
	generation int
}

// An Entry is an end-user's way into a session.
type Entry struct {
	Session deskside.SessionID
	You     deskside.ParticipantID
	Secret  string // their credential, for a cookie
	Check   string // the check number, where they have to wait
}

// Visit tells what is behind a link, and counts the visit. It changes nothing
// else: previews and mail scanners visit too. Where the link can't start the
// session any more the error says why (CodeKeyExpired, CodeKeyInUse,
// CodeKeyRevoked, CodeSessionEnded, CodeKeyUnknown), and the Door is filled as
// far as it is known.
func (d *Desk) Visit(ctx context.Context, token string) (Door, error) {
	key, err := d.keyByLink(ctx, token)
	if err != nil {
		return Door{}, err
	}
	door, agent, err := d.door(ctx, key)
	if door.Session == "" {
		return door, err
	}
	visits, countErr := d.store.CountVisit(ctx, key.LinkMAC)
	if countErr != nil {
		d.log.Warn("a visit was not counted", "session", door.Session, "error", countErr)
		return door, err
	}
	d.signal(door.Session, agent, deskside.Signal{Kind: deskside.SignalVisits, Count: visits})
	return door, err
}

// door looks at the session behind a key.
func (d *Desk) door(ctx context.Context, key deskside.Key) (door Door, agent deskside.AgentID, err error) {
	var usable error
	err = d.store.View(ctx, key.Session, func(s *deskside.Session) error {
		door = Door{Session: s.ID, AgentName: s.AgentName, Created: s.Created, generation: key.Generation}
		agent, usable = s.Agent, s.KeyUsable(key.Generation, d.now())
		return nil
	})
	if err == nil {
		err = usable
	}
	return door, agent, err
}

func (d *Desk) keyByLink(ctx context.Context, token string) (deskside.Key, error) {
	key, err := d.store.KeyByLink(ctx, d.vault.linkMAC(token))
	if deskside.CodeOf(err) == deskside.CodeNotFound {
		err = deskside.Errorf(deskside.CodeKeyUnknown, "This link is not recognised.")
	}
	return key, err
}

// Join starts the session behind a link: its holder takes part from now on.
func (d *Desk) Join(ctx context.Context, token string) (Entry, error) {
	key, err := d.keyByLink(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	entry, guest := newEntry(key.Session)
	_, err = d.update(ctx, key.Session, func(s *deskside.Session) (deskside.Change, error) {
		body, err := s.Join(entry.You, key.Generation, d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		return deskside.Change{Events: d.arrival(s, entry.You, body), Guest: guest}, nil
	})
	return entry, err
}

// arrival are the events of an end-user who takes part from now on.
func (d *Desk) arrival(s *deskside.Session, id deskside.ParticipantID, arrived deskside.Body) []deskside.Event {
	events := []deskside.Event{{By: id, Body: arrived}}
	if asked := s.Welcome(id); asked != nil {
		asked.Relay = d.opt.Relay
		events = append(events, deskside.Event{By: deskside.ParticipantID(s.Agent), Body: asked})
	}
	return events
}

func newEntry(id deskside.SessionID) (Entry, *deskside.Guest) {
	secret, hash := newSecret()
	entry := Entry{Session: id, You: deskside.ParticipantID(deskside.NewID()), Secret: secret}
	return entry, &deskside.Guest{MAC: hash, Session: id, Participant: entry.You}
}

// KnockByLink asks the agent to be let in, with the link of a session that
// has started in another browser.
func (d *Desk) KnockByLink(ctx context.Context, token string) (Entry, error) {
	key, err := d.keyByLink(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	return d.knock(ctx, key, deskside.ViaLink)
}

// KnockByKey asks the agent to be let in, with a typed Support Key. ask says
// that the person wants to although the session has started in another
// browser; without it that is refused with CodeKeyInUse. Every wrong or dead
// key counts against the limits, and every answer takes the same time.
func (d *Desk) KnockByKey(ctx context.Context, typed string, ask bool, from netip.Addr) (Entry, error) {
	digits, err := deskside.ParseSupportKey(typed)
	if err != nil {
		return Entry{}, err
	}
	if err := d.mayTry(ctx, from); err != nil {
		return Entry{}, err
	}
	var entry Entry
	err = d.patiently(ctx, func() (err error) {
		entry, err = d.knockByDigits(ctx, digits, ask)
		if !isKeyError(err) {
			d.wasRight(ctx, from)
			return err
		}
		if countErr := d.wrongKey(ctx); countErr != nil {
			return countErr
		}
		return err
	})
	return entry, err
}

// patiently lets every answer about a typed key take the same time.
func (d *Desk) patiently(ctx context.Context, f func() error) error {
	answer := d.now().Add(d.opt.Patience)
	err := f()
	if waitErr := pause(ctx, answer.Sub(d.now())); waitErr != nil {
		return waitErr
	}
	return err
}

func isKeyError(err error) bool {
	switch deskside.CodeOf(err) {
	case deskside.CodeKeyUnknown, deskside.CodeKeyExpired, deskside.CodeKeyInUse, deskside.CodeKeyRevoked, deskside.CodeSessionEnded:
		return true
	}
	return false
}

func (d *Desk) knockByDigits(ctx context.Context, digits deskside.SupportKey, ask bool) (Entry, error) {
	key, err := d.remembered(ctx, digits)
	if err != nil {
		return Entry{}, err
	}
	_, _, err = d.door(ctx, key)
	if err != nil && (deskside.CodeOf(err) != deskside.CodeKeyInUse || !ask) {
		return Entry{}, err
	}
	return d.knock(ctx, key, deskside.ViaKey)
}

// remembered returns the key with the digits, also a dead one as long as its
// number is kept. CodeKeyUnknown for any other.
func (d *Desk) remembered(ctx context.Context, digits deskside.SupportKey) (deskside.Key, error) {
	unknown := deskside.Errorf(deskside.CodeKeyUnknown, "This Support Key is not recognised.")
	key, err := d.store.KeyByDigits(ctx, d.vault.digitsMAC(digits))
	if deskside.CodeOf(err) == deskside.CodeNotFound {
		return key, unknown
	}
	if err != nil {
		return key, err
	}
	err = d.store.View(ctx, key.Session, func(s *deskside.Session) error {
		if died := s.KeyDied(d.now()); !died.IsZero() && d.now().Sub(died) > deskside.DeadKeyMemory {
			return unknown
		}
		return nil
	})
	return key, err
}

func (d *Desk) knock(ctx context.Context, key deskside.Key, via deskside.Via) (Entry, error) {
	check, err := deskside.NewCheckNumber()
	if err != nil {
		return Entry{}, err
	}
	entry, guest := newEntry(key.Session)
	entry.Check = check
	_, err = d.update(ctx, key.Session, func(s *deskside.Session) (deskside.Change, error) {
		body, err := s.Knock(entry.You, key.Generation, via, check, d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		return deskside.Change{Events: []deskside.Event{{By: entry.You, Body: body}}, Guest: guest}, nil
	})
	return entry, err
}

// Admit lets somebody in who knocked.
func (d *Desk) Admit(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, p deskside.ParticipantID) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.Admitted{Participant: p},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Admit(p, now) }})
}

// Refuse turns somebody away who knocked.
func (d *Desk) Refuse(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, p deskside.ParticipantID) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.Refused{Participant: p},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Refuse(p, now) }})
}

// Enter lets somebody who was admitted take part. Their rights have changed,
// so they get a new credential and the old one is void.
func (d *Desk) Enter(ctx context.Context, who deskside.Actor, session deskside.SessionID, secret string) (Entry, error) {
	fresh, hash := newSecret()
	entry := Entry{Session: session, You: who.ID, Secret: fresh}
	_, err := d.update(ctx, session, func(s *deskside.Session) (deskside.Change, error) {
		if !who.MaySee(s) {
			return deskside.Change{}, deskside.Errorf(deskside.CodeNotFound, "There is no such session.")
		}
		body, err := s.Enter(who.ID, d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		return deskside.Change{
			Events: d.arrival(s, who.ID, body),
			Guest:  &deskside.Guest{MAC: hash, Session: session, Participant: who.ID},
			Drop:   hashSecret(secret),
		}, nil
	})
	return entry, err
}

// Guest returns who an end-user's credential belongs to. CodeUnauthenticated
// where it is nobody's in that session.
func (d *Desk) Guest(ctx context.Context, session deskside.SessionID, secret string) (deskside.Actor, error) {
	guest, err := d.store.GuestByMAC(ctx, hashSecret(secret))
	switch {
	case err != nil && deskside.CodeOf(err) != deskside.CodeNotFound:
		return deskside.Actor{}, err
	case err != nil || guest.Session != session:
		return deskside.Actor{}, deskside.Errorf(deskside.CodeUnauthenticated, "This browser takes no part in the session.")
	}
	return deskside.Actor{ID: guest.Participant, Role: deskside.RoleEndUser}, nil
}
