// Package desk holds the use cases of a support session, each rule once. The
// socket, REST and the command line all call it.
//
// Every use case takes the same way: the request goes to [Log.Update], where
// the rules of package deskside look at the session as it is and decide on
// events; the events are on stable storage before Update returns; only then
// does the sender get an answer, and the bus the hint that the session has
// grown. Each connection's [Watch] then writes what comes after the number
// that it has already sent.
package desk

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"deskside"
)

// Options are the desk's settings.
type Options struct {
	Vault   *Vault           // the server's secret at work
	Node    string           // names this node among those that share a store
	KeyLife time.Duration    // how long a key can start its session
	IdleEnd time.Duration    // a session with nobody connected ends after this
	KeepFor time.Duration    // messages are erased this long after the end
	Clock   func() time.Time // for tests; time.Now by default
	Logger  *slog.Logger
	Senders map[deskside.Means]Sender // of invitations; without one only the agent's own device sends
	// DailyLetters is how many invitations the server sends by each means
	// within 24 hours; 0 for 500.
	DailyLetters  int
	KeepAddresses time.Duration // addresses of invitations are erased this long after
	Files         FileOptions
	// Relay is the host of this node's relay, where there are several nodes.
	Relay    string
	Patience time.Duration // how long a refused key's answer takes at least, so that all take the same
}

// A Desk carries out use cases on a store and a bus. Of its own it keeps only
// who watches: any number of desks on the same store and bus are one.
type Desk struct {
	store   Store
	bus     Bus
	vault   *Vault
	opt     Options
	now     func() time.Time
	log     *slog.Logger
	polled  *polled
	pulse   pulse
	courier *courier
	keeper  *keeper
}

// New returns a desk.
func New(store Store, bus Bus, opt Options) *Desk {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.DailyLetters == 0 {
		opt.DailyLetters = defaultDaily
	}
	return &Desk{
		store: store, bus: bus, vault: opt.Vault, opt: opt, now: opt.Clock, log: opt.Logger,
		polled: newPolled(), courier: newCourier(), keeper: newKeeper(),
	}
}

// An order is one request on its way to the log.
type order struct {
	who     deskside.Actor
	session deskside.SessionID
	id      string // the request's id, as its client named it

	// want is what the request says, to tell a repeated request from another
	// one with the same id. Where it has no content of its own, its type is
	// enough.
	want deskside.Body
	rule func(s *deskside.Session, now time.Time) (deskside.Body, error)
}

// errNoSeat is how decide asks for its actor to become a participant first.
var errNoSeat = errors.New("an agent who takes no part yet")

// act carries out an order and returns its event. Repeated, it returns the
// event of the first time.
func (d *Desk) act(ctx context.Context, o order) (deskside.Event, error) {
	return d.actWith(ctx, o, deskside.Change{})
}

// actWith is act, and stores what else is in the change with the event.
func (d *Desk) actWith(ctx context.Context, o order, with deskside.Change) (deskside.Event, error) {
	event, err := d.tryAct(ctx, o, with)
	if errors.Is(err, errNoSeat) {
		if err := d.seat(ctx, o.who, o.session); err != nil {
			return deskside.Event{}, err
		}
		return d.tryAct(ctx, o, with)
	}
	return event, err
}

// actAsAgent is act for what only agents may do.
func (d *Desk) actAsAgent(ctx context.Context, o order) (deskside.Event, error) {
	if o.who.Role != deskside.RoleAgent {
		return deskside.Event{}, deskside.Errorf(deskside.CodeForbidden, "Only an agent can do that.")
	}
	return d.act(ctx, o)
}

func (d *Desk) tryAct(ctx context.Context, o order, with deskside.Change) (deskside.Event, error) {
	var first int64
	events, err := d.update(ctx, o.session, func(s *deskside.Session) (deskside.Change, error) {
		if err := seated(o.who, s); err != nil {
			return deskside.Change{}, err
		}
		if first = s.Seen(o.who.ID, o.id); first != 0 {
			return deskside.Change{}, nil
		}
		body, err := o.rule(s, d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		with.Events = []deskside.Event{{By: o.who.ID, ID: o.id, Body: body}}
		return with, nil
	})
	switch {
	case err != nil:
		return deskside.Event{}, err
	case first != 0:
		return d.repeated(ctx, o, first)
	}
	return events[0], nil
}

// seated says whether somebody may act in the session as it is.
func seated(who deskside.Actor, s *deskside.Session) error {
	switch {
	case s.Number == 0 || !who.MaySee(s):
		return deskside.Errorf(deskside.CodeNotFound, "There is no such session.")
	case who.Role == deskside.RoleAgent && s.Participant(who.ID) == nil:
		return errNoSeat
	}
	return nil
}

// seat makes an administrator who acts in another's session a participant.
func (d *Desk) seat(ctx context.Context, who deskside.Actor, id deskside.SessionID) error {
	_, err := d.update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
		if s.Participant(who.ID) != nil {
			return deskside.Change{}, nil
		}
		body := &deskside.Arrived{Participant: who.ID, Role: deskside.RoleAgent, Name: who.Name}
		return deskside.Change{Events: []deskside.Event{{By: who.ID, Body: body}}}, nil
	})
	return err
}

// repeated answers a request whose id made an event already.
func (d *Desk) repeated(ctx context.Context, o order, seq int64) (deskside.Event, error) {
	events, err := d.store.Events(ctx, o.session, seq-1, 1)
	if err != nil {
		return deskside.Event{}, err
	}
	if len(events) == 0 || !sameContent(o.want, events[0].Body) {
		return deskside.Event{}, deskside.Errorf(deskside.CodeIDReused, "This request id was used for something else.")
	}
	return events[0], nil
}

func sameContent(want, got deskside.Body) bool {
	switch want := want.(type) {
	case *deskside.KeyExtended, *deskside.KeyRenewed, *deskside.Ended:
		return want.Type() == got.Type()
	case *deskside.Invited: // each try draws an id of its own
		got, ok := got.(*deskside.Invited)
		return ok && want.Via == got.Via && want.To == got.To
	case *deskside.ViewAsked: // whom, and by which relay, the server decides
		got, ok := got.(*deskside.ViewAsked)
		return ok && want.Sound == got.Sound && want.Surface == got.Surface
	case *deskside.ControlAsked, *deskside.ControlDeclined, *deskside.ControlStopped: // the rest the server decides
		return want.Type() == got.Type()
	case *deskside.Attached: // each try draws an id of its own
		got, ok := got.(*deskside.Attached)
		return ok && deskside.CleanFileName(want.Name) == got.Name && want.Size == got.Size
	}
	return reflect.DeepEqual(want, got)
}

// update stores what decide makes of the session, and only then tells the bus.
func (d *Desk) update(ctx context.Context, id deskside.SessionID, decide func(*deskside.Session) (deskside.Change, error)) ([]deskside.Event, error) {
	var agent deskside.AgentID
	events, err := d.store.Update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
		agent = s.Agent
		return decide(s)
	})
	if err != nil || len(events) == 0 {
		return events, err
	}
	if created, ok := events[0].Body.(*deskside.Created); ok {
		agent = created.Agent
	}
	d.bus.Publish(deskside.Notice{Session: id, Agent: agent, Number: events[len(events)-1].Seq, Events: events})
	return events, nil
}

// signal tells everybody who watches the session something of the moment.
func (d *Desk) signal(id deskside.SessionID, agent deskside.AgentID, s deskside.Signal) {
	d.bus.Publish(deskside.Notice{Session: id, Agent: agent, Signal: &s})
}

// view lets look read a session that who may see.
func (d *Desk) view(ctx context.Context, who deskside.Actor, id deskside.SessionID, look func(*deskside.Session)) error {
	return d.store.View(ctx, id, func(s *deskside.Session) error {
		if !who.MaySee(s) {
			return deskside.Errorf(deskside.CodeNotFound, "There is no such session.")
		}
		look(s)
		return nil
	})
}

// viewInside is view for those who take part: who knocked waits outside.
func (d *Desk) viewInside(ctx context.Context, who deskside.Actor, id deskside.SessionID, look func(*deskside.Session)) error {
	inside := true
	err := d.view(ctx, who, id, func(s *deskside.Session) {
		if inside = who.Role == deskside.RoleAgent || s.Participant(who.ID).In(); inside {
			look(s)
		}
	})
	if err == nil && !inside {
		err = deskside.Errorf(deskside.CodeNotAdmitted, "The agent has not admitted you yet.")
	}
	return err
}

// unlessErased takes a session that was erased meanwhile for no error.
func unlessErased(err error) error {
	if deskside.CodeOf(err) == deskside.CodeNotFound {
		return nil
	}
	return err
}
