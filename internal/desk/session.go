package desk

import (
	"context"
	"time"

	"deskside"
)

// SetTitle names the session for agents; an empty title removes the name.
func (d *Desk) SetTitle(ctx context.Context, who deskside.Actor, session deskside.SessionID, id, title string) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.Titled{Title: title},
		func(s *deskside.Session, _ time.Time) (deskside.Body, error) { return s.Name(title) }})
}

// WishControl keeps whether control is to be asked for when the end-user
// arrives.
func (d *Desk) WishControl(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, on bool) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.ControlWished{On: on},
		func(*deskside.Session, time.Time) (deskside.Body, error) { return &deskside.ControlWished{On: on}, nil }})
}

// Invite logs how the agent took the invitation along.
func (d *Desk) Invite(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, via deskside.Means) (deskside.Event, error) {
	body := deskside.Invited{Via: via}
	return d.actAsAgent(ctx, order{who, session, id, &body,
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Invite(body, now) }})
}

// End closes the session for everybody.
func (d *Desk) End(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string) (deskside.Event, error) {
	reason := deskside.EndedByEndUser
	if who.Role == deskside.RoleAgent {
		reason = deskside.EndedByAgent
	}
	return d.act(ctx, order{who, session, id, &deskside.Ended{},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			if who.Role == deskside.RoleEndUser && !s.Participant(who.ID).In() {
				return nil, deskside.Errorf(deskside.CodeNotAdmitted, "The agent has not admitted you yet.")
			}
			return s.End(now, reason)
		}})
}

// Rate records the end-user's opinion, once the session has ended.
func (d *Desk) Rate(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, r deskside.Rating) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.Rated{Rating: r},
		func(s *deskside.Session, _ time.Time) (deskside.Body, error) {
			if p := s.Participant(who.ID); who.Role != deskside.RoleEndUser || !p.In() {
				return nil, deskside.Errorf(deskside.CodeForbidden, "Only the end-user rates a session.")
			}
			return s.Rate(r)
		}})
}

// Summarize records the agent's account of the session.
func (d *Desk) Summarize(ctx context.Context, who deskside.Actor, session deskside.SessionID, id, note string, outcome deskside.Outcome, tags []string) (deskside.Event, error) {
	if tags == nil {
		tags = []string{}
	}
	return d.actAsAgent(ctx, order{who, session, id, &deskside.Summarized{Note: note, Outcome: outcome, Tags: tags},
		func(s *deskside.Session, _ time.Time) (deskside.Body, error) { return s.Summarize(note, outcome, tags) }})
}

// A Picture is a session as one participant sees it.
type Picture struct {
	deskside.Overview
	Participants []deskside.Participant
	Standing     deskside.Standing // the viewer's; empty for an agent who takes no part
}

// Picture returns the session as who sees it.
func (d *Desk) Picture(ctx context.Context, who deskside.Actor, id deskside.SessionID) (Picture, error) {
	var pic Picture
	err := d.view(ctx, who, id, func(s *deskside.Session) {
		pic.Overview = s.Overview(d.now())
		for _, p := range s.Participants() {
			pic.Participants = append(pic.Participants, *p)
		}
		if p := s.Participant(who.ID); p != nil {
			pic.Standing = p.Standing
		}
	})
	if err != nil {
		return pic, err
	}
	present, err := d.store.Present(ctx, id)
	if err != nil {
		return pic, err
	}
	pic.EndUser = endUserPresence(pic.Participants, present)
	return pic, nil
}

// endUserPresence is the best presence of any end-user who takes part.
func endUserPresence(ps []deskside.Participant, present []deskside.PresenceOf) deskside.Presence {
	rank := map[deskside.Presence]int{deskside.Offline: 1, deskside.Away: 2, deskside.Here: 3}
	var best deskside.Presence
	for _, p := range ps {
		if p.Role != deskside.RoleEndUser || !p.In() {
			continue
		}
		now := deskside.Offline
		for _, q := range present {
			if q.Participant == p.ID {
				now = q.Presence
			}
		}
		if rank[now] > rank[best] {
			best = now
		}
	}
	return best
}

// OpenSessions returns the sessions that who sees and that have not ended,
// newest first.
func (d *Desk) OpenSessions(ctx context.Context, who deskside.Actor) ([]deskside.Overview, error) {
	ids, err := d.store.OpenSessions(ctx, whose(who))
	if err != nil {
		return nil, err
	}
	list := make([]deskside.Overview, 0, len(ids))
	for _, id := range ids {
		pic, err := d.Picture(ctx, who, id)
		if deskside.CodeOf(err) == deskside.CodeNotFound {
			continue // ended and erased since
		}
		if err != nil {
			return nil, err
		}
		list = append(list, pic.Overview)
	}
	return list, nil
}

// History returns ended sessions that who sees.
func (d *Desk) History(ctx context.Context, who deskside.Actor, q deskside.HistoryQuery) ([]deskside.Found, error) {
	q.Agent = whose(who)
	return d.store.History(ctx, q)
}

// whose returns whose sessions somebody sees: "" for everybody's.
func whose(who deskside.Actor) deskside.AgentID {
	if who.Admin {
		return ""
	}
	return deskside.AgentID(who.ID)
}

// Events returns up to limit of the events after the given number that who
// may see, and the number up to which that is all.
func (d *Desk) Events(ctx context.Context, who deskside.Actor, id deskside.SessionID, after int64, limit int) (events []deskside.Event, upto int64, err error) {
	err = d.viewInside(ctx, who, id, func(*deskside.Session) {})
	if err != nil {
		return nil, after, err
	}
	return d.read(ctx, who.Role, id, after, limit)
}

// read returns what somebody with the role may see of the events after the
// given number.
func (d *Desk) read(ctx context.Context, role deskside.Role, id deskside.SessionID, after int64, limit int) ([]deskside.Event, int64, error) {
	stored, err := d.store.Events(ctx, id, after, limit)
	if err != nil || len(stored) == 0 {
		return nil, after, err
	}
	upto := stored[len(stored)-1].Seq
	seen := visible(stored, role)
	err = d.store.View(ctx, id, func(s *deskside.Session) error {
		for i := range seen {
			seen[i] = s.Redact(seen[i])
		}
		return nil
	})
	return seen, upto, err
}

// visible returns a new slice of the events that a role may see.
func visible(events []deskside.Event, role deskside.Role) []deskside.Event {
	seen := make([]deskside.Event, 0, len(events))
	for i := range events {
		if events[i].Audience().Sees(role) {
			seen = append(seen, events[i])
		}
	}
	return seen
}
