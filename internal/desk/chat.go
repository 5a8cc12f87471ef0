package desk

import (
	"context"
	"time"

	"deskside"
)

// Post says something in the session.
func (d *Desk) Post(ctx context.Context, who deskside.Actor, session deskside.SessionID, id, text string) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.Message{Text: text},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Post(who.ID, text, now) }})
}

// PushLink offers a web address.
func (d *Desk) PushLink(ctx context.Context, who deskside.Actor, session deskside.SessionID, id, address string) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.LinkPushed{URL: address},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.PushLink(who.ID, address, now)
		}})
}

// Edit gives a message of who's another text.
func (d *Desk) Edit(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, message int64, text string) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.Edited{Message: message, Text: text},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.Edit(who.ID, message, text, now)
		}})
}

// Withdraw takes a message of who's back.
func (d *Desk) Withdraw(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, message int64) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.Withdrawn{Message: message},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.Withdraw(who.ID, message, now)
		}})
}

// React sets who's reaction to a message; an empty emoji removes it.
func (d *Desk) React(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, message int64, emoji string) (deskside.Event, error) {
	return d.act(ctx, order{who, session, id, &deskside.Reacted{Message: message, Emoji: emoji},
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.React(who.ID, message, emoji, now)
		}})
}

// Note writes a note that only agents see.
func (d *Desk) Note(ctx context.Context, who deskside.Actor, session deskside.SessionID, id, text string) (deskside.Event, error) {
	return d.actAsAgent(ctx, order{who, session, id, &deskside.Noted{Text: text},
		func(s *deskside.Session, _ time.Time) (deskside.Body, error) { return s.WriteNote(text) }})
}

// Typing tells the others that who writes, or stopped to.
func (d *Desk) Typing(ctx context.Context, who deskside.Actor, session deskside.SessionID, on bool) error {
	var agent deskside.AgentID
	var open error
	err := d.view(ctx, who, session, func(s *deskside.Session) {
		agent, open = s.Agent, s.MaySpeak(who.ID, d.now())
	})
	if err == nil {
		err = open
	}
	if err != nil {
		return err
	}
	d.signal(session, agent, deskside.Signal{Kind: deskside.SignalTyping, By: who.ID, Typing: on})
	return nil
}

// Mark records up to where who has received and read the log.
func (d *Desk) Mark(ctx context.Context, who deskside.Actor, session deskside.SessionID, m deskside.Marks) error {
	var agent deskside.AgentID
	takesPart := false
	err := d.view(ctx, who, session, func(s *deskside.Session) {
		agent = s.Agent
		m.Delivered, m.Read = min(m.Delivered, s.Number), min(m.Read, s.Number)
		p := s.Participant(who.ID)
		takesPart = p != nil && p.In()
	})
	if err != nil || !takesPart {
		return err
	}
	m, err = d.store.Mark(ctx, session, who.ID, m)
	if err != nil {
		return err
	}
	d.signal(session, agent, deskside.Signal{Kind: deskside.SignalMarks, By: who.ID, Marks: &m})
	return nil
}
