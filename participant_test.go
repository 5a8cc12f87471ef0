package deskside_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskside"
)

// knocked is a session at whose door second waits, since minute 3.
func knocked(s *deskside.Session, via deskside.Via) *deskside.Session {
	happen(s, at(3), second, &deskside.Knocked{Participant: second, Via: via, Check: "042"})
	return s
}

func admitted(s *deskside.Session) *deskside.Session {
	happen(knocked(s, deskside.ViaKey), at(4), ada, &deskside.Admitted{Participant: second})
	return s
}

func TestWhoMayComeIn(t *testing.T) {
	join := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Join(second, 1, now) }
	knock := func(s *deskside.Session, now time.Time) (deskside.Body, error) {
		return s.Knock(second, 1, deskside.ViaKey, "042", now)
	}
	admit := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Admit(second, now) }
	refuse := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Refuse(second, now) }
	enter := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Enter(second, now) }
	full := waiting()
	for i := range deskside.MaxKnocking {
		id := deskside.ParticipantID(fmt.Sprint("P", i))
		happen(full, at(1), id, &deskside.Knocked{Participant: id, Via: deskside.ViaKey, Check: "001"})
	}
	turned := knocked(waiting(), deskside.ViaKey)
	happen(turned, at(4), ada, &deskside.Refused{Participant: second})
	endedAtDoor := admitted(waiting())
	happen(endedAtDoor, at(5), ada, &deskside.Ended{Reason: deskside.EndedByAgent})
	byKey := &deskside.Arrived{Participant: second, Role: deskside.RoleEndUser, Via: deskside.ViaKey}
	for _, c := range []struct {
		name    string
		rule    func(*deskside.Session, time.Time) (deskside.Body, error)
		session *deskside.Session
		minute  int
		want    deskside.Body
		code    deskside.Code
	}{
		{"join", join, waiting(), 5, &deskside.Arrived{Participant: second, Role: deskside.RoleEndUser, Via: deskside.ViaLink}, ""},
		{"join when expired", join, waiting(), 60, nil, deskside.CodeKeyExpired},
		{"join when started", join, active(), 5, nil, deskside.CodeKeyInUse},
		{"join when revoked", join, revoked(), 5, nil, deskside.CodeKeyRevoked},
		{"join when ended", join, ended(), 9, nil, deskside.CodeSessionEnded},
		{"knock", knock, waiting(), 5, &deskside.Knocked{Participant: second, Via: deskside.ViaKey, Check: "042"}, ""},
		{"knock when started", knock, active(), 5, &deskside.Knocked{Participant: second, Via: deskside.ViaKey, Check: "042"}, ""},
		{"knock when expired", knock, waiting(), 60, nil, deskside.CodeKeyExpired},
		{"knock when revoked", knock, revoked(), 5, nil, deskside.CodeKeyRevoked},
		{"knock when ended", knock, ended(), 9, nil, deskside.CodeSessionEnded},
		{"knock at a crowded door", knock, full, 5, nil, deskside.CodeTooMany},
		{"admit", admit, knocked(waiting(), deskside.ViaKey), 5, &deskside.Admitted{Participant: second}, ""},
		{"admit after the key expired", admit, knocked(waiting(), deskside.ViaKey), 90, &deskside.Admitted{Participant: second}, ""},
		{"admit nobody", admit, waiting(), 5, nil, deskside.CodeNotFound},
		{"admit twice", admit, admitted(waiting()), 5, nil, deskside.CodeNotFound},
		{"admit who was refused", admit, turned, 5, nil, deskside.CodeNotFound},
		{"admit when ended", admit, endedAtDoor, 6, nil, deskside.CodeSessionEnded},
		{"refuse", refuse, knocked(active(), deskside.ViaLink), 5, &deskside.Refused{Participant: second}, ""},
		{"refuse who is in", refuse, active(), 5, nil, deskside.CodeNotFound},
		{"enter", enter, admitted(waiting()), 5, byKey, ""},
		{"enter after the key expired", enter, admitted(waiting()), 90, byKey, ""},
		{"enter before being admitted", enter, knocked(waiting(), deskside.ViaKey), 5, nil, deskside.CodeNotAdmitted},
		{"enter when refused", enter, turned, 5, nil, deskside.CodeNotAdmitted},
		{"enter as a stranger", enter, active(), 5, nil, deskside.CodeNotAdmitted},
		{"enter when ended", enter, endedAtDoor, 6, nil, deskside.CodeSessionEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := c.rule(c.session, at(c.minute))
			checkRule(t, body, err, c.want, c.code)
		})
	}
}

func TestTheFirstArrivalStartsTheSession(t *testing.T) {
	s := admitted(waiting())
	body, err := s.Enter(second, at(90)) // knocked in time: an expired key does not count
	if err != nil {
		t.Fatal(err)
	}
	happen(s, at(90), second, body)
	if s.State(at(91)) != deskside.StateActive || !s.Started.Equal(at(90)) {
		t.Errorf("%s, started %v", s.State(at(91)), s.Started)
	}
	happen(s, at(95), guest, &arrived)
	if !s.Started.Equal(at(90)) {
		t.Errorf("a second arrival moved the start to %v", s.Started)
	}
	want := &deskside.Participant{ID: second, Role: deskside.RoleEndUser, Standing: deskside.Taking, Via: deskside.ViaKey, Since: at(3)}
	if diff := cmp.Diff(want, s.Participant(second), cmpopts.IgnoreUnexported(deskside.Participant{})); diff != "" {
		t.Errorf("participant (-want +got):\n%s", diff)
	}
}

func TestLeavingAndReturning(t *testing.T) {
	s := active()
	if b := s.Connected(guest, at(2)); b != nil {
		t.Errorf("somebody who never left returned: %#v", b)
	}
	left := s.Disconnected(guest, at(3))
	if diff := cmp.Diff(deskside.Body(&deskside.Left{Participant: guest}), left); diff != "" {
		t.Fatalf("disconnected (-want +got):\n%s", diff)
	}
	happen(s, at(3), "", left)
	if b := s.Disconnected(guest, at(4)); b != nil {
		t.Errorf("left twice: %#v", b)
	}
	if p := s.Participant(guest); !p.In() {
		t.Errorf("who left takes part no more: %+v", p)
	}
	returned := s.Connected(guest, at(5))
	if diff := cmp.Diff(deskside.Body(&deskside.Returned{Participant: guest}), returned); diff != "" {
		t.Fatalf("connected (-want +got):\n%s", diff)
	}
	happen(s, at(5), "", returned)
	if b := s.Connected(guest, at(6)); b != nil {
		t.Errorf("returned twice: %#v", b)
	}
}

func TestNobodyLeavesWhatHasNotStartedOrIsOver(t *testing.T) {
	for name, s := range map[string]*deskside.Session{"waiting": waiting(), "ended": ended()} {
		if b := s.Disconnected(ada, at(10)); b != nil {
			t.Errorf("%s: %#v", name, b)
		}
	}
	if b := active().Disconnected("STRANGER", at(10)); b != nil {
		t.Errorf("a stranger left: %#v", b)
	}
}
