package deskside_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskside"
)

const (
	bob   deskside.ParticipantID = "BOB"
	cy    deskside.ParticipantID = "CY"
	fourd deskside.ParticipantID = "DEE"
)

// crowded is an active session in which four agents take part.
func crowded() *deskside.Session {
	s := active()
	for _, p := range []deskside.ParticipantID{bob, cy, fourd} {
		happen(s, at(5), p, &deskside.Arrived{Participant: p, Role: deskside.RoleAgent, Name: string(p)})
	}
	return s
}

// asked is a session in which Ada asks for a view at minute 10.
func asked(s *deskside.Session) *deskside.Session {
	happen(s, at(10), ada, &deskside.ViewAsked{Of: guest})
	return s
}

// viewed is a session in which Ada sees the screen from minute 10 on.
func viewed(s *deskside.Session) *deskside.Session {
	happen(asked(s), at(10), guest, &deskside.ViewGranted{Agent: ada, Surface: deskside.SurfaceMonitor})
	return s
}

func TestViewRules(t *testing.T) {
	type rule func(*deskside.Session, time.Time) (deskside.Body, error)
	ask := func(by deskside.ParticipantID, sound bool) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.AskView(by, deskside.ViewAsked{Sound: sound}, now)
		}
	}
	grant := func(by, agent deskside.ParticipantID, what deskside.Surface) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.GrantView(by, agent, what, false, now)
		}
	}
	camera := func(s *deskside.Session, now time.Time) (deskside.Body, error) {
		return s.AskView(ada, deskside.ViewAsked{Surface: deskside.SurfaceCamera}, now)
	}
	equip := func(by deskside.ParticipantID, e deskside.Equipped) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Equip(by, e, now) }
	}
	phone := func(camera bool) *deskside.Session {
		s := active()
		happen(s, at(5), guest, &deskside.Equipped{Camera: camera})
		return s
	}
	choose := func(by, agent deskside.ParticipantID) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.ChooseView(by, agent, now) }
	}
	decline := func(by, agent deskside.ParticipantID, why deskside.ViewWhy) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.DeclineView(by, agent, why, now)
		}
	}
	pause := func(by deskside.ParticipantID, on bool) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.PauseView(by, on, now) }
	}
	stop := func(by, agent deskside.ParticipantID, why deskside.ViewWhy) rule {
		return func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.StopView(by, agent, why, now)
		}
	}
	full := viewed(crowded())
	for _, p := range []deskside.ParticipantID{bob, cy} {
		happen(full, at(11), p, &deskside.ViewAsked{Of: guest})
		happen(full, at(11), guest, &deskside.ViewGranted{Agent: p, Surface: deskside.SurfaceMonitor})
	}
	louder := viewed(crowded())
	happen(louder, at(11), bob, &deskside.ViewAsked{Of: guest})
	happen(louder, at(11), guest, &deskside.ViewGranted{Agent: bob, Surface: deskside.SurfaceMonitor})
	happen(louder, at(11), ada, &deskside.ViewAsked{Of: guest, Sound: true})
	empty := active()
	happen(empty, at(9), "", &deskside.Left{Participant: guest})
	other := viewed(active())
	happen(other, at(10), second, &deskside.Arrived{Participant: second, Role: deskside.RoleEndUser})
	happen(other, at(10), bob, &deskside.ViewAsked{Of: second})
	both := active()
	happen(both, at(9), guest, &deskside.Equipped{Screen: true})
	happen(both, at(10), second, &deskside.Arrived{Participant: second, Role: deskside.RoleEndUser})
	happen(both, at(10), second, &deskside.Equipped{Camera: true})
	chosen := asked(active())
	happen(chosen, at(10), guest, &deskside.ViewChoosing{Agent: ada})
	paused := viewed(active())
	happen(paused, at(10), guest, &deskside.ViewPaused{On: true})
	over := viewed(active())
	happen(over, at(10), ada, &deskside.Ended{Reason: deskside.EndedByAgent})
	for _, c := range []struct {
		name    string
		rule    rule
		session *deskside.Session
		minute  int
		want    deskside.Body
		code    deskside.Code
	}{
		{"ask", ask(ada, true), active(), 10, &deskside.ViewAsked{Of: guest, Sound: true}, ""},
		{"ask while waiting", ask(ada, false), waiting(), 1, nil, deskside.CodeNotStarted},
		{"ask after the end", ask(ada, false), over, 10, nil, deskside.CodeSessionEnded},
		{"ask twice", ask(ada, false), asked(active()), 10, nil, deskside.CodeViewAsked},
		{"ask for what one sees", ask(ada, false), viewed(active()), 10, nil, deskside.CodeViewAsked},
		{"ask for sound too", ask(ada, true), viewed(active()), 10, &deskside.ViewAsked{Of: guest, Sound: true}, ""},
		{"ask of who shows already", ask(bob, false), viewed(crowded()), 10, &deskside.ViewAsked{Of: guest}, ""},
		{"ask as the fourth", ask(fourd, false), full, 11, nil, deskside.CodeViewFull},
		{"ask as the third, while the first asks for sound", ask(cy, false), louder, 11, &deskside.ViewAsked{Of: guest}, ""},
		{"ask nobody", ask(ada, false), empty, 10, nil, deskside.CodeViewNobody},
		{"ask a phone", ask(ada, false), phone(true), 10, nil, deskside.CodeViewUnable},
		{"ask a phone for its camera", camera, phone(true), 10, &deskside.ViewAsked{Of: guest, Surface: deskside.SurfaceCamera}, ""},
		{"ask of whose browser can, though a phone is newer", ask(ada, false), both, 10, &deskside.ViewAsked{Of: guest}, ""},
		{"ask for the camera of the phone", camera, both, 10, &deskside.ViewAsked{Of: second, Surface: deskside.SurfaceCamera}, ""},
		{"ask for a camera that is not there", camera, phone(false), 10, nil, deskside.CodeViewUnable},
		{"ask for a window", func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			return s.AskView(ada, deskside.ViewAsked{Surface: deskside.SurfaceWindow}, now)
		}, active(), 10, nil, deskside.CodeInvalid},
		{"equip", equip(guest, deskside.Equipped{Camera: true}), active(), 10, &deskside.Equipped{Camera: true}, ""},
		{"equip the same", equip(guest, deskside.Equipped{Camera: true}), phone(true), 10, nil, deskside.CodeTooLate},
		{"equip an agent", equip(ada, deskside.Equipped{}), active(), 10, nil, deskside.CodeForbidden},
		{"choose", choose(guest, ada), asked(active()), 10, &deskside.ViewChoosing{Agent: ada}, ""},
		{"choose too late", choose(guest, ada), asked(active()), 11, nil, deskside.CodeTooLate},
		{"grant", grant(guest, ada, deskside.SurfaceMonitor), asked(active()), 10, &deskside.ViewGranted{Agent: ada, Surface: deskside.SurfaceMonitor}, ""},
		{"grant after some choosing", grant(guest, ada, deskside.SurfaceTab), chosen, 14, &deskside.ViewGranted{Agent: ada, Surface: deskside.SurfaceTab}, ""},
		{"grant after much choosing", grant(guest, ada, deskside.SurfaceTab), chosen, 15, nil, deskside.CodeTooLate},
		{"grant what nobody asked for", grant(guest, bob, deskside.SurfaceMonitor), asked(crowded()), 10, nil, deskside.CodeTooLate},
		{"grant too late", grant(guest, ada, deskside.SurfaceMonitor), asked(active()), 11, nil, deskside.CodeTooLate},
		{"grant as another", grant(second, ada, deskside.SurfaceMonitor), asked(active()), 10, nil, deskside.CodeForbidden},
		{"grant to oneself", grant(ada, ada, deskside.SurfaceMonitor), asked(active()), 10, nil, deskside.CodeForbidden},
		{"grant while another shares", grant(second, bob, deskside.SurfaceMonitor), other, 10, nil, deskside.CodeForbidden},
		{"grant what does not exist", grant(guest, ada, "hologram"), asked(active()), 10, nil, deskside.CodeInvalid},
		{"decline", decline(guest, ada, deskside.ViewPicker), asked(active()), 10, &deskside.ViewDeclined{Agent: ada, Why: deskside.ViewPicker}, ""},
		{"decline for no reason", decline(guest, ada, "moon"), asked(active()), 10, nil, deskside.CodeInvalid},
		{"decline as the server", decline(guest, ada, deskside.ViewUnanswered), asked(active()), 10, nil, deskside.CodeInvalid},
		{"take back", decline(ada, ada, ""), asked(active()), 10, &deskside.ViewDeclined{Agent: ada, Why: deskside.ViewTakenBack}, ""},
		{"take back nothing", decline(ada, ada, ""), active(), 10, nil, deskside.CodeTooLate},
		{"pause", pause(guest, true), viewed(active()), 10, &deskside.ViewPaused{On: true}, ""},
		{"pause twice", pause(guest, true), paused, 10, nil, deskside.CodeTooLate},
		{"go on", pause(guest, false), paused, 10, &deskside.ViewPaused{}, ""},
		{"pause as the agent", pause(ada, true), viewed(active()), 10, nil, deskside.CodeTooLate},
		{"stop", stop(guest, "", deskside.ViewByEndUser), viewed(active()), 10, &deskside.ViewStopped{Why: deskside.ViewByEndUser}, ""},
		{"stop one", stop(guest, bob, deskside.ViewLost), full, 11, &deskside.ViewStopped{Agent: bob, Why: deskside.ViewLost}, ""},
		{"stop one who sees nothing", stop(guest, bob, deskside.ViewLost), viewed(crowded()), 11, nil, deskside.CodeTooLate},
		{"stop watching", stop(bob, ada, deskside.ViewByEndUser), full, 11, &deskside.ViewStopped{Agent: bob, Why: deskside.ViewByAgent}, ""},
		{"stop what one has no part in", stop(fourd, "", deskside.ViewByEndUser), full, 11, nil, deskside.CodeTooLate},
		{"stop as the agent, with the end-user's reason", stop(guest, "", deskside.ViewByAgent), viewed(active()), 11, nil, deskside.CodeInvalid},
		{"stop nothing", stop(guest, "", deskside.ViewByEndUser), active(), 10, nil, deskside.CodeTooLate},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.rule(c.session, at(c.minute))
			if deskside.CodeOf(err) != c.code {
				t.Errorf("error %v, want code %q", err, c.code)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestViewLapses lets time answer, and end.
func TestViewLapses(t *testing.T) {
	second := func(n int) time.Time { return at(10).Add(time.Duration(n) * time.Second) }
	choosing := asked(active())
	happen(choosing, second(59), guest, &deskside.ViewChoosing{Agent: ada})
	away := viewed(crowded())
	happen(away, at(10), "", &deskside.Left{Participant: guest})
	back := viewed(crowded())
	happen(back, at(10), "", &deskside.Left{Participant: guest})
	happen(back, second(29), guest, &deskside.Returned{Participant: guest})
	agentAway := viewed(crowded())
	happen(agentAway, at(10), "", &deskside.Left{Participant: ada})
	ended := viewed(active())
	happen(ended, at(10), ada, &deskside.Ended{Reason: deskside.EndedByAgent})
	for _, c := range []struct {
		name    string
		session *deskside.Session
		due     int // seconds; -1 for never
		want    deskside.Body
	}{
		{"nobody answered", asked(active()), 60, &deskside.ViewDeclined{Agent: ada, Why: deskside.ViewUnanswered}},
		{"nobody chose", choosing, 359, &deskside.ViewDeclined{Agent: ada, Why: deskside.ViewUnanswered}},
		{"a view", viewed(active()), -1, nil},
		{"the end-user is gone", away, 30, &deskside.ViewStopped{Why: deskside.ViewLost}},
		{"the end-user came back", back, -1, nil},
		{"the agent is gone", agentAway, 30, &deskside.ViewStopped{Agent: ada, Why: deskside.ViewLost}},
		{"the session has ended", ended, -1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := time.Time{}
			if c.due >= 0 {
				want = second(c.due)
			}
			if got := c.session.Due(); !got.Equal(want) {
				t.Errorf("due at %v, want %v", got, want)
			}
			if b := c.session.Lapse(second(c.due).Add(-time.Millisecond)); b != nil {
				t.Errorf("lapsed too early: %v", b)
			}
			if diff := cmp.Diff(c.want, c.session.Lapse(second(max(c.due, 3600)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestViewLinks says whose pages may connect.
func TestViewLinks(t *testing.T) {
	s := viewed(crowded())
	happen(s, at(10), bob, &deskside.ViewAsked{Of: guest})
	v := s.View()
	if !v.Links(guest, ada) || !v.Links(ada, guest) {
		t.Error("the two ends of a view are not linked")
	}
	for _, pair := range [][2]deskside.ParticipantID{{ada, bob}, {guest, bob}, {guest, guest}, {ada, ada}, {second, ada}, {"", ada}} {
		if v.Links(pair[0], pair[1]) {
			t.Errorf("%v are linked", pair)
		}
	}
	if v := active().View(); v.Links("", "") || v.Concerns(guest) {
		t.Error("without a view somebody is linked")
	}
}

func TestReport(t *testing.T) {
	over := ended()
	if _, err := over.Report(guest); err != nil {
		t.Errorf("after the end: %v", err)
	}
	if _, err := active().Report(ada); deskside.CodeOf(err) != deskside.CodeForbidden {
		t.Errorf("an agent reported: %v", err)
	}
	if _, err := knocked(active(), deskside.ViaKey).Report(second); deskside.CodeOf(err) != deskside.CodeForbidden {
		t.Errorf("somebody at the door reported: %v", err)
	}
}
