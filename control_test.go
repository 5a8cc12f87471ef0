package deskside_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

// wished is a session in which Ada asks for control at minute 10.
func wished(s *deskside.Session) *deskside.Session {
	happen(s, at(10), ada, &deskside.ControlAsked{Of: guest})
	return s
}

// prepared is one in which the end-user agreed and has a code for the helper.
func prepared(s *deskside.Session) *deskside.Session {
	happen(wished(s), at(10), guest, &deskside.ControlPreparing{Agent: ada})
	happen(s, at(10), guest, &deskside.HelperOffered{Offer: "O", Expires: at(20)})
	return s
}

// ready is one in which the screen is shared and the helper is there.
func ready(s *deskside.Session, what deskside.Surface) *deskside.Session {
	happen(prepared(s), at(10), guest, &deskside.ViewGranted{Agent: ada, Surface: what})
	happen(s, at(10), guest, &deskside.HelperPaired{Helper: "H", System: deskside.Linux})
	happen(s, at(10), guest, &deskside.HelperReached{On: true})
	return s
}

// controlled is one in which Ada controls the computer.
func controlled(s *deskside.Session) *deskside.Session {
	happen(ready(s, deskside.SurfaceMonitor), at(10), guest, &deskside.ControlGranted{Agent: ada, Clipboard: true})
	return s
}

func TestControlRules(t *testing.T) {
	type rule func(*deskside.Session, time.Time) (deskside.Body, error)
	ask := func(by deskside.ParticipantID) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.AskControl(by, now) }
	}
	prepare := func(by, agent deskside.ParticipantID) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.PrepareControl(by, agent, now)
		}
	}
	decline := func(by deskside.ParticipantID, why deskside.ControlWhy) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.DeclineControl(by, why, now)
		}
	}
	offer := func(by deskside.ParticipantID) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.OfferHelper(by, "P", now) }
	}
	pair := func(by deskside.ParticipantID, offer string, system deskside.System) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.PairHelper(by, offer, "I", system, now)
		}
	}
	share := func(by, agent deskside.ParticipantID) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.GrantView(by, agent, deskside.SurfaceMonitor, false, now)
		}
	}
	grant := func(by, agent deskside.ParticipantID) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.GrantControl(by, agent, true, now)
		}
	}
	pause := func(by deskside.ParticipantID, on bool) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.PauseControl(by, on, now) }
	}
	stop := func(by deskside.ParticipantID, why deskside.ControlWhy) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.StopControl(by, why, now) }
	}
	phone := active()
	happen(phone, at(5), guest, &deskside.Equipped{Camera: true})
	empty := active()
	happen(empty, at(9), "", &deskside.Left{Participant: guest})
	replaced := prepared(active())
	happen(replaced, at(10), guest, &deskside.HelperOffered{Offer: "P", Expires: at(20)})
	stopped := controlled(active())
	happen(stopped, at(11), guest, &deskside.ViewStopped{Why: deskside.ViewByBrowser})
	kept := controlled(crowded())
	happen(kept, at(10), bob, &deskside.ViewAsked{Of: guest})
	happen(kept, at(10), guest, &deskside.ViewGranted{Agent: bob, Surface: deskside.SurfaceMonitor})
	happen(kept, at(11), bob, &deskside.ViewStopped{Agent: bob, Why: deskside.ViewByAgent})
	over := controlled(active())
	happen(over, at(11), ada, &deskside.Ended{Reason: deskside.EndedByAgent})
	for _, c := range []struct {
		name    string
		rule    rule
		session *deskside.Session
		minute  int
		want    deskside.Body
		code    deskside.Code
	}{
		{"ask", ask(ada), active(), 10, &deskside.ControlAsked{Of: guest}, ""},
		{"ask while waiting", ask(ada), waiting(), 1, nil, deskside.CodeNotStarted},
		{"ask twice", ask(ada), wished(active()), 10, nil, deskside.CodeControlAsked},
		{"ask while another does", ask(bob), wished(crowded()), 10, nil, deskside.CodeControlBusy},
		{"ask while another controls", ask(bob), controlled(crowded()), 10, nil, deskside.CodeControlBusy},
		{"ask a phone", ask(ada), phone, 10, nil, deskside.CodeControlUnable},
		{"ask nobody", ask(ada), empty, 10, nil, deskside.CodeViewNobody},
		{"ask again after the end of the picture", ask(ada), stopped, 11, &deskside.ControlAsked{Of: guest}, ""},
		{"prepare", prepare(guest, ada), wished(active()), 10, &deskside.ControlPreparing{Agent: ada}, ""},
		{"prepare too late", prepare(guest, ada), wished(active()), 11, nil, deskside.CodeTooLate},
		{"prepare for another", prepare(guest, bob), wished(crowded()), 10, nil, deskside.CodeTooLate},
		{"prepare as another", prepare(second, ada), wished(active()), 10, nil, deskside.CodeTooLate},
		{"decline", decline(guest, deskside.ControlNotNow), wished(active()), 10, &deskside.ControlDeclined{Agent: ada, Why: deskside.ControlNotNow}, ""},
		{"decline while preparing", decline(guest, deskside.ControlHelper), prepared(active()), 10, &deskside.ControlDeclined{Agent: ada, Why: deskside.ControlHelper}, ""},
		{"decline as the server", decline(guest, deskside.ControlUnanswered), wished(active()), 10, nil, deskside.CodeInvalid},
		{"take back", decline(ada, ""), prepared(active()), 10, &deskside.ControlDeclined{Agent: ada, Why: deskside.ControlTakenBack}, ""},
		{"take another's back", decline(bob, deskside.ControlNotNow), wished(crowded()), 10, nil, deskside.CodeTooLate},
		{"offer", offer(guest), prepared(active()), 10, &deskside.HelperOffered{Offer: "P", Expires: at(20)}, ""},
		{"offer what nobody agreed to", offer(guest), wished(active()), 10, nil, deskside.CodeTooLate},
		{"offer an agent", offer(ada), prepared(active()), 10, nil, deskside.CodeTooLate},
		{"pair", pair(guest, "O", deskside.Windows), prepared(active()), 10, &deskside.HelperPaired{Helper: "I", System: deskside.Windows}, ""},
		{"pair with a replaced code", pair(guest, "O", deskside.Windows), replaced, 10, nil, deskside.CodeTooLate},
		{"pair with a used code", pair(guest, "O", deskside.Windows), ready(active(), deskside.SurfaceMonitor), 10, nil, deskside.CodeTooLate},
		{"pair with no code", pair(guest, "", deskside.Windows), ready(active(), deskside.SurfaceMonitor), 10, nil, deskside.CodeTooLate},
		{"pair too late", pair(guest, "O", deskside.Windows), prepared(active()), 20, nil, deskside.CodeTooLate},
		{"pair a toaster", pair(guest, "O", "toaster"), prepared(active()), 10, nil, deskside.CodeInvalid},
		{"share while preparing", share(guest, ada), prepared(active()), 12, &deskside.ViewGranted{Agent: ada, Surface: deskside.SurfaceMonitor}, ""},
		{"share with another while preparing", share(guest, bob), prepared(crowded()), 12, nil, deskside.CodeTooLate},
		{"share before agreeing", share(guest, ada), wished(active()), 10, nil, deskside.CodeTooLate},
		{"grant", grant(guest, ada), ready(active(), deskside.SurfaceMonitor), 10, &deskside.ControlGranted{Agent: ada, Clipboard: true}, ""},
		{"grant of a screen that is not called one", grant(guest, ada), ready(active(), deskside.SurfaceUnknown), 10, &deskside.ControlGranted{Agent: ada, Clipboard: true}, ""},
		{"grant of a window", grant(guest, ada), ready(active(), deskside.SurfaceWindow), 10, nil, deskside.CodeTooLate},
		{"grant without a helper", grant(guest, ada), prepared(active()), 10, nil, deskside.CodeTooLate},
		{"grant another", grant(guest, bob), ready(crowded(), deskside.SurfaceMonitor), 10, nil, deskside.CodeTooLate},
		{"grant oneself", grant(ada, ada), ready(active(), deskside.SurfaceMonitor), 10, nil, deskside.CodeTooLate},
		{"grant too late", grant(guest, ada), ready(active(), deskside.SurfaceMonitor), 25, nil, deskside.CodeTooLate},
		{"pause", pause(guest, true), controlled(active()), 10, &deskside.ControlPaused{On: true}, ""},
		{"pause as the agent", pause(ada, true), controlled(active()), 10, nil, deskside.CodeTooLate},
		{"go on with what goes on", pause(guest, false), controlled(active()), 10, nil, deskside.CodeTooLate},
		{"stop", stop(guest, deskside.ControlByEndUser), controlled(active()), 10, &deskside.ControlStopped{Why: deskside.ControlByEndUser}, ""},
		{"stop as the agent", stop(ada, ""), controlled(active()), 10, &deskside.ControlStopped{Why: deskside.ControlByAgent}, ""},
		{"stop as another agent", stop(bob, deskside.ControlByEndUser), controlled(crowded()), 10, nil, deskside.CodeTooLate},
		{"stop for no reason", stop(guest, "moon"), controlled(active()), 10, nil, deskside.CodeInvalid},
		{"stop what ended with the picture", stop(guest, deskside.ControlByEndUser), stopped, 11, nil, deskside.CodeTooLate},
		{"stop what another's picture did not end", stop(guest, deskside.ControlByEndUser), kept, 11, &deskside.ControlStopped{Why: deskside.ControlByEndUser}, ""},
		{"stop after the end", stop(guest, deskside.ControlByEndUser), over, 11, nil, deskside.CodeSessionEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.rule(c.session, at(c.minute))
			if deskside.CodeOf(err) != c.code {
				t.Errorf("error %v, want code %q", err, c.code)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestControlLapses lets time answer, and end.
func TestControlLapses(t *testing.T) {
	lost := controlled(active())
	happen(lost, at(11), "", &deskside.HelperReached{})
	left, back := controlled(active()), controlled(active())
	happen(left, at(11), "", &deskside.Left{Participant: ada})
	happen(back, at(11), "", &deskside.Left{Participant: ada}, &deskside.Returned{Participant: ada})
	for _, c := range []struct {
		name    string
		session *deskside.Session
		due     time.Time
		want    deskside.Body
	}{
		{"nobody answered", wished(active()), at(11), &deskside.ControlDeclined{Agent: ada, Why: deskside.ControlUnanswered}},
		{"nobody allowed it", prepared(active()), at(25), &deskside.ControlDeclined{Agent: ada, Why: deskside.ControlUnanswered}},
		{"control", controlled(active()), time.Time{}, nil},
		{"the helper is gone", lost, at(11).Add(30 * time.Second), &deskside.ControlStopped{Why: deskside.ControlLost}},
		{"the agent has left, 30 seconds after their connection", left, at(11), &deskside.ControlStopped{Why: deskside.ControlLost}},
		{"the agent had left", back, time.Time{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.session.Due(); !got.Equal(c.due) {
				t.Errorf("due at %v, want %v", got, c.due)
			}
			if b := c.session.Lapse(c.due.Add(-time.Millisecond)); b != nil {
				t.Errorf("lapsed too early: %v", b)
			}
			then := c.due
			if then.IsZero() {
				then = at(90)
			}
			if diff := cmp.Diff(c.want, c.session.Lapse(then)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestHelperConnected(t *testing.T) {
	s := controlled(active())
	for _, c := range []struct {
		helper string
		on     bool
		want   deskside.Body
	}{
		{"H", true, nil},
		{"H", false, &deskside.HelperReached{}},
		{"older", false, nil},
		{"", false, nil},
	} {
		if diff := cmp.Diff(c.want, s.HelperConnected(c.helper, c.on)); diff != "" {
			t.Errorf("%q %v: -want +got:\n%s", c.helper, c.on, diff)
		}
	}
}
