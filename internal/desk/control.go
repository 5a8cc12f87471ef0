package desk

import (
	"context"
	"encoding/base64"
	"net/netip"
	"slices"
	"time"

	"deskside"
)

const (
	// maxSteer bounds what an agent's page and a helper say to each other at
	// once, in bytes: a piece of a clipboard with its frame.
	maxSteer = 40 << 10
	// maxAim bounds what an end-user's page and a helper say to each other
	// about where marks are.
	maxAim = 4 << 10
)

// AskControl asks to control an end-user's computer.
func (d *Desk) AskControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.ControlAsked{},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			body, err := s.AskControl(who.ID, now)
			if asked, ok := body.(*deskside.ControlAsked); ok {
				asked.Relay = d.opt.Relay
			}
			return body, err
		}})
}

// PrepareControl says that an end-user agrees to prepare for it.
func (d *Desk) PrepareControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, agent deskside.ParticipantID) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.ControlPreparing{Agent: agent},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.PrepareControl(who.ID, agent, now)
		}})
}

// DeclineControl says no, or takes the agent's own request back.
func (d *Desk) DeclineControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, why deskside.ControlWhy) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.ControlDeclined{},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.DeclineControl(who.ID, why, now)
		}})
}

// GrantControl records that an end-user allowed control in the helper.
func (d *Desk) GrantControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, b deskside.ControlGranted) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &b,
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.GrantControl(who.ID, b.Agent, b.Clipboard, now)
		}})
}

// PauseControl lets nothing be carried out for a while, or goes on.
func (d *Desk) PauseControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, on bool) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.ControlPaused{On: on},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.PauseControl(who.ID, on, now)
		}})
}

// StopControl ends control.
func (d *Desk) StopControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, why deskside.ControlWhy) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.ControlStopped{},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.StopControl(who.ID, why, now)
		}})
}

// OfferHelper gives an end-user the code with which a helper finds the
// session. It replaces every earlier one.
func (d *Desk) OfferHelper(ctx context.Context, who deskside.Actor, session deskside.SessionID) (code deskside.HelperCode, expires time.Time, err error) {
	code = deskside.NewHelperCode()
	mac := d.vault.codeMAC(code)
	events, err := d.update(ctx, session, func(s *deskside.Session) (deskside.Change, error) {
		if err := seated(who, s); err != nil {
			return deskside.Change{}, err
		}
		body, err := s.OfferHelper(who.ID, encodeMAC(mac), d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		change := logged(who.ID, body)
		change.Guest = &deskside.Guest{MAC: mac, Session: session, Participant: who.ID}
		change.Drop, _ = base64.RawURLEncoding.DecodeString(s.Control().Offer) // it is our own
		return change, nil
	})
	if err != nil {
		return "", expires, err
	}
	return code, events[0].Body.(*deskside.HelperOffered).Expires, nil
}

// A Pairing is what a helper gets for its code.
type Pairing struct {
	Session deskside.SessionID
	Agent   string // the name of who wants to control
	Token   string // the helper's credential
}

// PairHelper gives a helper its credential in exchange for its code, which is
// used up. Wrong codes count as wrong Support Keys do.
func (d *Desk) PairHelper(ctx context.Context, typed string, system deskside.System, from netip.Addr) (p Pairing, err error) {
	code, err := deskside.ParseHelperCode(typed)
	if err != nil {
		return p, err
	}
	if err := d.mayTry(ctx, from); err != nil {
		return p, err
	}
	wrong := deskside.Errorf(deskside.CodeKeyUnknown, "This code is not recognised. It may have been used, replaced, or expired: press Download again in the browser.")
	mac := d.vault.codeMAC(code)
	guest, err := d.store.GuestByMAC(ctx, mac)
	if deskside.CodeOf(err) == deskside.CodeNotFound {
		if err := d.wrongKey(ctx); err != nil {
			return p, err
		}
		return p, wrong
	}
	d.wasRight(ctx, from)
	if err != nil {
		return p, err
	}
	p.Session, p.Token = guest.Session, deskside.NewID()
	credential := d.vault.helperMAC(p.Token)
	_, err = d.update(ctx, guest.Session, func(s *deskside.Session) (deskside.Change, error) {
		body, err := s.PairHelper(guest.Participant, encodeMAC(mac), encodeMAC(credential), system, d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		if agent := s.Participant(s.Control().Agent); agent != nil {
			p.Agent = agent.Name
		}
		change := logged(guest.Participant, body)
		change.Guest = &deskside.Guest{MAC: credential, Session: guest.Session, Participant: guest.Participant}
		change.Drop = mac
		return change, nil
	})
	if deskside.CodeOf(err) == deskside.CodeTooLate {
		err = wrong
	}
	return p, err
}

// A Helper is the small program that an end-user started, as it proved itself.
type Helper struct {
	deskside.Actor // acts for its end-user
	Session        deskside.SessionID
	id             string // as in HelperPaired
}

// Helper returns whose credential that is. CodeUnauthenticated where it is
// nobody's, or another helper has replaced it.
func (d *Desk) Helper(ctx context.Context, token string) (Helper, error) {
	credential := d.vault.helperMAC(token)
	guest, err := d.store.GuestByMAC(ctx, credential)
	if err != nil && deskside.CodeOf(err) != deskside.CodeNotFound {
		return Helper{}, err
	}
	h := Helper{deskside.Actor{ID: guest.Participant, Role: deskside.RoleEndUser}, guest.Session, encodeMAC(credential)}
	paired := false
	if err == nil {
		err = d.store.View(ctx, guest.Session, func(s *deskside.Session) error {
			paired = s.Control().Helper == h.id
			return nil
		})
		if err != nil {
			return Helper{}, err
		}
	}
	if !paired {
		return Helper{}, deskside.Errorf(deskside.CodeUnauthenticated, "This helper belongs to no session any more.")
	}
	return h, nil
}

// WatchControl begins to watch what concerns control: what agent and helper
// say to each other, and that the session has changed. It makes nobody
// present. ReachHelper says for a helper that it is there.
func (d *Desk) WatchControl(ctx context.Context, who deskside.Actor, id deskside.SessionID, notify func()) (*Watch, error) {
	w := &Watch{desk: d, session: id, who: who, control: true, notify: notify}
	w.subscribe()
	greeting, err := w.greet(ctx)
	if err != nil {
		w.unsubscribe()
		return nil, err
	}
	w.sent = greeting.Number
	return w, nil
}

// ReachHelper logs that a helper is connected.
func (d *Desk) ReachHelper(ctx context.Context, h Helper) error { return d.reachHelper(ctx, h, true) }

// LoseHelper logs that a helper's connection is gone. Where that fails, it is
// logged later: else nothing would stop control by a helper that stays away.
func (d *Desk) LoseHelper(ctx context.Context, h Helper) error {
	lose := func(ctx context.Context) error { return unlessErased(d.reachHelper(ctx, h, false)) }
	err := lose(ctx)
	if err != nil {
		d.polled.late(lose)
	}
	return err
}

// missHelper logs that a session's helper is gone, after a node has died to which
// it may have been connected. One that is connected elsewhere is logged anew by
// who hears of this.
func (d *Desk) missHelper(ctx context.Context, id deskside.SessionID) error {
	_, err := d.update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
		c := s.Control()
		return logged(c.Of, s.HelperConnected(c.Helper, false)), nil
	})
	return unlessErased(err)
}

func (d *Desk) reachHelper(ctx context.Context, h Helper, on bool) error {
	_, err := d.update(ctx, h.Session, func(s *deskside.Session) (deskside.Change, error) {
		return logged(h.ID, s.HelperConnected(h.id, on)), nil
	})
	return err
}

// Controlled is what a helper is told of its session.
type Controlled struct {
	Over      bool // there is nothing to control any more, and this helper has no use
	Agent     deskside.ParticipantID
	AgentName string
	On        bool  // control was granted, by the log
	Screen    int64 // changes when something else is shown; 0 while it is no whole screen
	Frozen    bool  // the picture is paused
	AgentHere bool
	Here      bool // the end-user's page is
}

// Controlled returns what a helper is to know.
func (d *Desk) Controlled(ctx context.Context, h Helper) (c Controlled, err error) {
	err = d.viewInside(ctx, h.Actor, h.Session, func(s *deskside.Session) {
		state, view := s.Control(), s.View()
		c = Controlled{Over: state.Helper != h.id || !s.EndedAt.IsZero(), Agent: state.Agent, On: state.Phase == deskside.ControlOn, Frozen: view.Paused}
		if agent := s.Participant(state.Agent); agent != nil {
			c.AgentName = agent.Name
		}
		if s.WholeScreen() {
			c.Screen = state.Screen
		}
	})
	if err != nil || c.Over {
		return c, err
	}
	present, err := d.store.Present(ctx, h.Session)
	here := func(p deskside.ParticipantID) bool {
		return slices.ContainsFunc(present, func(q deskside.PresenceOf) bool { return q.Participant == p && q.Presence != deskside.Offline })
	}
	c.AgentHere, c.Here = here(c.Agent), here(h.ID)
	return c, err
}

// Steer hands what an agent's page says to the helper, while the log says that
// they have control. The helper decides what it carries out.
func (d *Desk) Steer(ctx context.Context, who deskside.Actor, session deskside.SessionID, said []byte) error {
	return d.steer(ctx, who, session, said, func(c deskside.Control) (from, to deskside.ParticipantID) { return c.Agent, c.Of })
}

// Answer hands what a helper says to the page of the agent who has control.
func (d *Desk) Answer(ctx context.Context, h Helper, said []byte) error {
	return d.steer(ctx, h.Actor, h.Session, said, func(c deskside.Control) (from, to deskside.ParticipantID) { return c.Of, c.Agent })
}

func (d *Desk) steer(ctx context.Context, who deskside.Actor, session deskside.SessionID, said []byte, ends func(deskside.Control) (from, to deskside.ParticipantID)) error {
	if len(said) > maxSteer {
		return deskside.Errorf(deskside.CodeTooLarge, "Control is said in pieces of at most %d bytes.", maxSteer)
	}
	var agent deskside.AgentID
	var to deskside.ParticipantID
	err := d.viewInside(ctx, who, session, func(s *deskside.Session) {
		c := s.Control()
		agent = s.Agent
		if from, other := ends(c); c.Phase == deskside.ControlOn && from == who.ID {
			to = other
		}
	})
	if err != nil {
		return err
	}
	if to == "" {
		return deskside.Errorf(deskside.CodeTooLate, "There is no control any more.")
	}
	d.signal(session, agent, deskside.Signal{Kind: deskside.SignalControl, By: who.ID, To: to, Control: said})
	return nil
}

// Aim hands what an end-user's page and their helper say to each other about
// the marks that show which screen is shared. toHelper says who hears it.
func (d *Desk) Aim(ctx context.Context, who deskside.Actor, session deskside.SessionID, said string, toHelper bool) error {
	if len(said) > maxAim {
		return deskside.Errorf(deskside.CodeTooLarge, "Marks are spoken of in at most %d bytes.", maxAim)
	}
	var agent deskside.AgentID
	of := false
	err := d.viewInside(ctx, who, session, func(s *deskside.Session) { agent, of = s.Agent, s.Control().Of == who.ID })
	if err == nil && !of {
		err = deskside.Errorf(deskside.CodeTooLate, "There is no control any more.")
	}
	if err == nil {
		kind := deskside.SignalAim
		if toHelper {
			kind = deskside.SignalAimed
		}
		d.signal(session, agent, deskside.Signal{Kind: kind, By: who.ID, To: who.ID, Aim: said})
	}
	return err
}

func encodeMAC(mac []byte) string { return base64.RawURLEncoding.EncodeToString(mac) }
