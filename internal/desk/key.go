package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deskside"
)

// keyTries bounds how often digits are drawn again because another session
// has them.
const keyTries = 20

// Start makes a session with its key.
func (d *Desk) Start(ctx context.Context, who deskside.Actor) (deskside.SessionID, error) {
	if who.Role != deskside.RoleAgent {
		return "", deskside.Errorf(deskside.CodeForbidden, "Only an agent can do that.")
	}
	id := deskside.SessionID(deskside.NewID())
	err := d.drawKey(ctx, id, 1, func(key *deskside.Key) error {
		_, err := d.update(ctx, id, func(*deskside.Session) (deskside.Change, error) {
			body := &deskside.Created{
				Agent: deskside.AgentID(who.ID), AgentName: who.Name,
				Expires: deskside.Timestamp(d.now().Add(d.opt.KeyLife)),
			}
			return deskside.Change{Events: []deskside.Event{{By: who.ID, Body: body}}, Key: key}, nil
		})
		return err
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// drawKey calls store with a new key until its digits are free.
func (d *Desk) drawKey(ctx context.Context, id deskside.SessionID, generation int, store func(*deskside.Key) error) error {
	for range keyTries {
		key, err := d.vault.newKey(id, generation)
		if err != nil {
			return err
		}
		if err := store(key); !errors.Is(err, deskside.ErrKeyTaken) {
			return err
		}
	}
	return fmt.Errorf("no free Support Key in %d tries", keyTries)
}

// Extend gives the session's key its whole time again, from now on.
func (d *Desk) Extend(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.KeyExtended{},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Extend(now, d.opt.KeyLife) }})
}

// Revoke takes the session's key back.
func (d *Desk) Revoke(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.KeyRevoked{},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Revoke(now) }})
}

// Renew gives the session a new key; the old one is revoked.
func (d *Desk) Renew(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string) (deskside.Event, error) {
	if who.Role != deskside.RoleAgent {
		return deskside.Event{}, deskside.Errorf(deskside.CodeForbidden, "Only an agent can do that.")
	}
	var generation int
	if err := d.view(ctx, who, session, func(s *deskside.Session) { generation = s.KeyGeneration + 1 }); err != nil {
		return deskside.Event{}, err
	}
	var event deskside.Event
	err := d.drawKey(ctx, session, generation, func(key *deskside.Key) (err error) {
		event, err = d.renew(ctx, who, session, id, key)
		return err
	})
	return event, err
}

func (d *Desk) renew(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, key *deskside.Key) (deskside.Event, error) {
	var first int64
	events, err := d.update(ctx, session, func(s *deskside.Session) (deskside.Change, error) {
		if first = s.Seen(who.ID, id); first != 0 {
			return deskside.Change{}, nil
		}
		if key.Generation != s.KeyGeneration+1 {
			return deskside.Change{}, deskside.Errorf(deskside.CodeInvalid, "Another new key was made just now.")
		}
		body, err := s.Renew(d.now(), d.opt.KeyLife)
		if err != nil {
			return deskside.Change{}, err
		}
		return deskside.Change{Events: []deskside.Event{{By: who.ID, ID: id, Body: body}}, Key: key}, nil
	})
	switch {
	case err != nil:
		return deskside.Event{}, err
	case first != 0:
		return d.repeated(ctx, order{session: session, want: &deskside.KeyRenewed{}}, first)
	}
	return events[0], nil
}

// A KeyCard is what the agent sees of the session's key.
type KeyCard struct {
	Key        deskside.SupportKey // empty once the session has started, or the key is revoked
	Token      string              // of the session link; likewise
	Expires    time.Time
	Generation int
	Visits     int // how often the link was opened
	WrongKeys  int // wrong keys typed on this server since the session was made
}

// KeyCard returns what an agent sees of the session's key.
func (d *Desk) KeyCard(ctx context.Context, who deskside.Actor, id deskside.SessionID) (KeyCard, error) {
	var card KeyCard
	var created time.Time
	if who.Role != deskside.RoleAgent {
		return card, deskside.Errorf(deskside.CodeForbidden, "Only an agent can do that.")
	}
	if err := d.view(ctx, who, id, func(s *deskside.Session) { card.Expires, created = s.KeyExpires, s.Created }); err != nil {
		return card, err
	}
	key, err := d.store.KeyOf(ctx, id)
	if err != nil {
		return card, err
	}
	card.Visits, card.Generation = key.Visits, key.Generation
	if card.Key, card.Token, err = d.vault.open(key); err != nil {
		return card, err
	}
	card.WrongKeys, err = d.wrongKeys(ctx, created)
	return card, err
}
