package desk

import (
	"context"
	"net/netip"

	"deskside"
)

// Doubt tells the agent of a link, and the administrators, that its holder
// does not know them. It changes nothing else.
func (d *Desk) Doubt(ctx context.Context, token string) error {
	key, err := d.keyByLink(ctx, token)
	if err != nil {
		return err
	}
	_, err = d.update(ctx, key.Session, func(s *deskside.Session) (deskside.Change, error) {
		body, err := s.Doubt(key.Generation, d.now())
		return logged("", body), err
	})
	return err
}

// A Ring says whom somebody asked for a new key.
type Ring struct {
	Agent string // their name
	Told  bool   // they are signed in, with the Console open
}

// RingByLink asks the agent of a dead link for a new one.
func (d *Desk) RingByLink(ctx context.Context, token string) (Ring, error) {
	key, err := d.keyByLink(ctx, token)
	if err != nil {
		return Ring{}, err
	}
	return d.ring(ctx, key)
}

// RingByKey asks the agent of a dead Support Key for a new one. Each call
// counts against the limits of wrong keys.
func (d *Desk) RingByKey(ctx context.Context, typed string, from netip.Addr) (Ring, error) {
	digits, err := deskside.ParseSupportKey(typed)
	if err != nil {
		return Ring{}, err
	}
	if err := d.mayTry(ctx, from); err != nil {
		return Ring{}, err
	}
	if err := d.wrongKey(ctx); err != nil {
		return Ring{}, err
	}
	var ring Ring
	err = d.patiently(ctx, func() error {
		key, err := d.remembered(ctx, digits)
		if err != nil {
			return err
		}
		ring, err = d.ring(ctx, key)
		return err
	})
	return ring, err
}

func (d *Desk) ring(ctx context.Context, key deskside.Key) (Ring, error) {
	var agent deskside.AgentID
	var ring Ring
	_, err := d.update(ctx, key.Session, func(s *deskside.Session) (deskside.Change, error) {
		agent, ring.Agent = s.Agent, s.AgentName
		body, err := s.AskForKey(key.Generation, d.now())
		return logged("", body), err
	})
	if err != nil {
		return Ring{}, err
	}
	listening, err := d.store.Present(ctx, "")
	for _, p := range listening {
		if p.Participant == deskside.ParticipantID(agent) {
			ring.Told = true
		}
	}
	return ring, err
}
