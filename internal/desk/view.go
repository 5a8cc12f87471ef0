package desk

import (
	"context"
	"time"

	"deskside"
)

// maxRTC bounds what one page says to another while they set up a view, in
// bytes. A description of a session (RFC 8866) has 4 to 10 KiB.
const maxRTC = 32 << 10

// AskView asks an end-user to show their screen or their camera, and to let it
// be heard.
func (d *Desk) AskView(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, surface deskside.Surface, sound bool) (deskside.Event, error) {
	asked := deskside.ViewAsked{Surface: surface, Sound: sound, Relay: d.opt.Relay}
	return d.actAsAgent(ctx, order{who, session, id, &asked,
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.AskView(who.ID, asked, now)
		}})
}

// ChooseView says that an end-user agreed, and chooses what to share.
func (d *Desk) ChooseView(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, agent deskside.ParticipantID) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.ViewChoosing{Agent: agent},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.ChooseView(who.ID, agent, now)
		}})
}

// GrantView records that an end-user shows an agent what they chose.
func (d *Desk) GrantView(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, b deskside.ViewGranted) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &b,
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.GrantView(who.ID, b.Agent, b.Surface, b.Sound, now)
		}})
}

// DeclineView says no to an agent, or takes an agent's own request back.
func (d *Desk) DeclineView(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, agent deskside.ParticipantID, why deskside.ViewWhy) (deskside.Event, error) {
	if who.Role == deskside.RoleAgent {
		agent, why = who.ID, deskside.ViewTakenBack
	}
	return d.act(ctx, order{who, session, id, &deskside.ViewDeclined{Agent: agent, Why: why},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.DeclineView(who.ID, agent, why, now)
		}})
}

// PauseView stops showing anything for a while, or goes on.
func (d *Desk) PauseView(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, on bool) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.ViewPaused{On: on},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.PauseView(who.ID, on, now) }})
}

// StopView ends the view: an end-user's with one agent or all, an agent's own.
func (d *Desk) StopView(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, agent deskside.ParticipantID, why deskside.ViewWhy) (deskside.Event, error) {
	if who.Role == deskside.RoleAgent {
		agent, why = who.ID, deskside.ViewByAgent
	}
	return d.act(ctx, order{who, session, id, &deskside.ViewStopped{Agent: agent, Why: why},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.StopView(who.ID, agent, why, now)
		}})
}

// Equip says what an end-user's browser can show.
func (d *Desk) Equip(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, e deskside.Equipped) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &e,
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Equip(who.ID, e, now) }})
}

// Report says that an end-user believes that they are being cheated. It is
// logged as a warning, for operators to be alarmed by.
func (d *Desk) Report(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string) (deskside.Event, error) {
	event, err := d.act(ctx, order{who, session, id, &deskside.Reported{},
		func(s *deskside.Session, _ time.Time) (deskside.Body, error) { return s.Report(who.ID) }})
	if err == nil {
		d.log.Warn("an end-user reported a session: they believe that they are being cheated", "session", session, "participant", who.ID)
	}
	return event, err
}

// Connect hands what one page says to another while they set up a view. Only
// the two ends of a view are connected; what they say is theirs.
func (d *Desk) Connect(ctx context.Context, who deskside.Actor, session deskside.SessionID, to deskside.ParticipantID, said string) error {
	if len(said) > maxRTC {
		return deskside.Errorf(deskside.CodeTooLarge, "What sets up a view has at most %d bytes.", maxRTC)
	}
	var agent deskside.AgentID
	linked := false
	err := d.viewInside(ctx, who, session, func(s *deskside.Session) {
		view := s.View()
		agent, linked = s.Agent, view.Links(who.ID, to)
	})
	if err == nil && !linked {
		err = deskside.Errorf(deskside.CodeTooLate, "There is no view between you.")
	}
	if err == nil {
		d.signal(session, agent, deskside.Signal{Kind: deskside.SignalRTC, By: who.ID, To: to, RTC: said})
	}
	return err
}

// ViewConcerns says whether a participant is at an end of a view, or may be
// soon; without one, whether anybody is. An error means that it is not known.
func (d *Desk) ViewConcerns(ctx context.Context, session deskside.SessionID, p deskside.ParticipantID) (concerns bool, err error) {
	err = d.store.View(ctx, session, func(s *deskside.Session) error {
		v := s.View()
		concerns = v.Concerns(p) || p == "" && (v.EndUser != "" || len(v.Asks) > 0)
		return nil
	})
	return concerns, unlessErased(err)
}

// RelayOf returns the host of the relay that carries a view between who takes
// part and others, for those at its ends. CodeTooLate for everybody else.
func (d *Desk) RelayOf(ctx context.Context, who deskside.Actor, session deskside.SessionID) (host string, err error) {
	linked := false
	err = d.viewInside(ctx, who, session, func(s *deskside.Session) {
		v := s.View()
		host, linked = v.Relay, v.Concerns(who.ID)
	})
	if err == nil && !linked {
		err = deskside.Errorf(deskside.CodeTooLate, "There is no view that you take part in.")
	}
	return host, err
}
