package deskside_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

// The people and times of these tests: a session that ada made at start, with
// a key for an hour.
const (
	ada    deskside.ParticipantID = "ADA"
	guest  deskside.ParticipantID = "GUEST"
	second deskside.ParticipantID = "SECOND"
)

var (
	start   = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	created = deskside.Created{Agent: "ADA", AgentName: "Ada", Expires: start.Add(time.Hour)}
	arrived = deskside.Arrived{Participant: guest, Role: deskside.RoleEndUser, Via: deskside.ViaLink}
)

func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

// happen folds bodies into the session, at the given time.
func happen(s *deskside.Session, when time.Time, by deskside.ParticipantID, bodies ...deskside.Body) {
	for _, b := range bodies {
		s.Apply(&deskside.Event{Seq: s.Number + 1, At: when, By: by, Body: b})
	}
}

// waiting is a session whose key was made at start.
func waiting() *deskside.Session {
	s := &deskside.Session{ID: "SESSION"}
	happen(s, start, ada, &created)
	return s
}

func active() *deskside.Session {
	s := waiting()
	happen(s, at(1), guest, &arrived)
	return s
}

func ended() *deskside.Session {
	s := active()
	happen(s, at(5), ada, &deskside.Ended{Reason: deskside.EndedByAgent})
	return s
}

func revoked() *deskside.Session {
	s := waiting()
	happen(s, at(2), ada, &deskside.KeyRevoked{})
	return s
}

// checkRule compares what a rule decided with what it should.
func checkRule(t *testing.T, body deskside.Body, err error, want deskside.Body, code deskside.Code) {
	t.Helper()
	if got := deskside.CodeOf(err); got != code {
		t.Errorf("code %q, want %q (%v)", got, code, err)
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("decided (-want +got):\n%s", diff)
	}
}

func TestStateFollowsFromTheLogAndTheClock(t *testing.T) {
	extended := waiting()
	happen(extended, at(70), ada, &deskside.KeyExpired{}, &deskside.KeyExtended{Expires: at(130)})
	renewed := revoked()
	happen(renewed, at(3), ada, &deskside.KeyRenewed{Expires: at(63)})
	for _, c := range []struct {
		name    string
		session *deskside.Session
		minute  int
		want    deskside.State
	}{
		{"new", waiting(), 0, deskside.StateWaiting},
		{"just in time", waiting(), 59, deskside.StateWaiting},
		{"at the very end of the key's life", waiting(), 60, deskside.StateExpired},
		{"extended after it expired", extended, 129, deskside.StateWaiting},
		{"expired again", extended, 130, deskside.StateExpired},
		{"revoked", revoked(), 3, deskside.StateRevoked},
		{"revoked, and its time is over", revoked(), 100, deskside.StateRevoked},
		{"a new key after revoking", renewed, 4, deskside.StateWaiting},
		{"started, long after its key's time", active(), 10_000, deskside.StateActive},
		{"ended", ended(), 6, deskside.StateEnded},
	} {
		if got := c.session.State(at(c.minute)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestKeyUsableSaysWhatBecameOfTheKey(t *testing.T) {
	renewed := waiting()
	happen(renewed, at(2), ada, &deskside.KeyRenewed{Expires: at(62)})
	endedRenewed := waiting()
	happen(endedRenewed, at(2), ada, &deskside.KeyRenewed{Expires: at(62)}, &deskside.Ended{Reason: deskside.EndedByAgent})
	for _, c := range []struct {
		name       string
		session    *deskside.Session
		generation int
		minute     int
		want       deskside.Code
	}{
		{"waiting", waiting(), 1, 5, ""},
		{"expired", waiting(), 1, 60, deskside.CodeKeyExpired},
		{"revoked", revoked(), 1, 5, deskside.CodeKeyRevoked},
		{"in use", active(), 1, 5, deskside.CodeKeyInUse},
		{"ended", ended(), 1, 6, deskside.CodeSessionEnded},
		{"replaced", renewed, 1, 5, deskside.CodeKeyRevoked},
		{"the new one", renewed, 2, 5, ""},
		{"replaced, and the session ended", endedRenewed, 1, 6, deskside.CodeSessionEnded},
	} {
		if got := deskside.CodeOf(c.session.KeyUsable(c.generation, at(c.minute))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestKeyDied(t *testing.T) {
	for _, c := range []struct {
		name    string
		session *deskside.Session
		want    time.Time
	}{
		{"waiting", waiting(), time.Time{}},
		{"active", active(), time.Time{}},
		{"revoked", revoked(), at(2)},
		{"ended", ended(), at(5)},
	} {
		if got := c.session.KeyDied(at(10)); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := waiting().KeyDied(at(90)); !got.Equal(at(60)) {
		t.Errorf("expired: %v, want %v", got, at(60))
	}
}

func TestKeyRules(t *testing.T) {
	type rule func(*deskside.Session, time.Time) (deskside.Body, error)
	extend := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Extend(now, time.Hour) }
	renew := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Renew(now, time.Hour) }
	revoke := func(s *deskside.Session, now time.Time) (deskside.Body, error) { return s.Revoke(now) }
	for _, c := range []struct {
		name    string
		rule    rule
		session *deskside.Session
		minute  int
		want    deskside.Body
		code    deskside.Code
	}{
		{"extend in time", extend, waiting(), 10, &deskside.KeyExtended{Expires: at(70)}, ""},
		{"extend when expired", extend, waiting(), 90, &deskside.KeyExtended{Expires: at(150)}, ""},
		{"extend when revoked", extend, revoked(), 10, nil, deskside.CodeKeyRevoked},
		{"extend when started", extend, active(), 10, nil, deskside.CodeKeyInUse},
		{"extend when ended", extend, ended(), 10, nil, deskside.CodeSessionEnded},
		{"renew in time", renew, waiting(), 10, &deskside.KeyRenewed{Expires: at(70)}, ""},
		{"renew when expired", renew, waiting(), 90, &deskside.KeyRenewed{Expires: at(150)}, ""},
		{"renew when revoked", renew, revoked(), 10, &deskside.KeyRenewed{Expires: at(70)}, ""},
		{"renew when started", renew, active(), 10, nil, deskside.CodeKeyInUse},
		{"renew when ended", renew, ended(), 10, nil, deskside.CodeSessionEnded},
		{"revoke in time", revoke, waiting(), 10, &deskside.KeyRevoked{}, ""},
		{"revoke when expired", revoke, waiting(), 90, &deskside.KeyRevoked{}, ""},
		{"revoke twice", revoke, revoked(), 10, nil, deskside.CodeKeyRevoked},
		{"revoke when started", revoke, active(), 10, nil, deskside.CodeKeyInUse},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := c.rule(c.session, at(c.minute))
			checkRule(t, body, err, c.want, c.code)
		})
	}
}

func TestExpireIsLoggedOnce(t *testing.T) {
	s := waiting()
	if b := s.Lapse(at(59)); b != nil {
		t.Errorf("decided %#v before the key expired", b)
	}
	b := s.Lapse(at(60))
	if diff := cmp.Diff(deskside.Body(&deskside.KeyExpired{}), b); diff != "" {
		t.Fatalf("at the end of the key's life (-want +got):\n%s", diff)
	}
	happen(s, at(60), "", b)
	if b := s.Lapse(at(61)); b != nil {
		t.Errorf("decided %#v though the log says so already", b)
	}
	happen(s, at(62), ada, &deskside.KeyExtended{Expires: at(122)})
	if b := s.Lapse(at(122)); b == nil {
		t.Error("an extended key that expires again is not logged")
	}
}

func TestEndRateAndSummarize(t *testing.T) {
	long := make([]string, deskside.MaxTags+1)
	for i := range long {
		long[i] = "tag"
	}
	for _, c := range []struct {
		name string
		rule func() (deskside.Body, error)
		want deskside.Body
		code deskside.Code
	}{
		{"end", func() (deskside.Body, error) { return active().End(at(3), deskside.EndedByEndUser) },
			&deskside.Ended{Reason: deskside.EndedByEndUser}, ""},
		{"end while waiting", func() (deskside.Body, error) { return waiting().End(at(3), deskside.EndedByAgent) },
			&deskside.Ended{Reason: deskside.EndedByAgent}, ""},
		{"end twice", func() (deskside.Body, error) { return ended().End(at(6), deskside.EndedByAgent) },
			nil, deskside.CodeSessionEnded},
		{"rate", func() (deskside.Body, error) { return ended().Rate(deskside.RatingMiddling) },
			&deskside.Rated{Rating: deskside.RatingMiddling}, ""},
		{"rate before the end", func() (deskside.Body, error) { return active().Rate(deskside.RatingGood) },
			nil, deskside.CodeInvalid},
		{"rate with stars", func() (deskside.Body, error) { return ended().Rate("*****") }, nil, deskside.CodeInvalid},
		{"summarize", func() (deskside.Body, error) {
			return ended().Summarize("Cable.", deskside.OutcomeResolved, []string{"printer"})
		}, &deskside.Summarized{Note: "Cable.", Outcome: deskside.OutcomeResolved, Tags: []string{"printer"}}, ""},
		{"summarize without note and tags", func() (deskside.Body, error) {
			return ended().Summarize("", deskside.OutcomeUnknown, nil)
		}, &deskside.Summarized{Outcome: deskside.OutcomeUnknown, Tags: []string{}}, ""},
		{"no such outcome", func() (deskside.Body, error) { return ended().Summarize("", "fine", nil) }, nil, deskside.CodeInvalid},
		{"too many tags", func() (deskside.Body, error) {
			return ended().Summarize("", deskside.OutcomeUnknown, long)
		}, nil, deskside.CodeInvalid},
		{"an empty tag", func() (deskside.Body, error) {
			return ended().Summarize("", deskside.OutcomeUnknown, []string{" "})
		}, nil, deskside.CodeTextEmpty},
		{"title", func() (deskside.Body, error) { return waiting().Name("Printer") }, &deskside.Titled{Title: "Printer"}, ""},
		{"no title any more", func() (deskside.Body, error) { return waiting().Name("") }, &deskside.Titled{}, ""},
		{"invite", func() (deskside.Body, error) { return waiting().Invite(deskside.Invited{Via: "sms"}, at(1)) }, &deskside.Invited{Via: "sms"}, ""},
		{"invite by pigeon", func() (deskside.Body, error) { return waiting().Invite(deskside.Invited{Via: "pigeon"}, at(1)) }, nil, deskside.CodeInvalid},
		{"invite with an expired key", func() (deskside.Body, error) { return waiting().Invite(deskside.Invited{Via: "link"}, at(60)) }, nil, deskside.CodeKeyExpired},
		{"invite when started", func() (deskside.Body, error) { return active().Invite(deskside.Invited{Via: "link"}, at(5)) }, nil, deskside.CodeKeyInUse},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := c.rule()
			checkRule(t, body, err, c.want, c.code)
		})
	}
}

func TestApplyRemembersRequests(t *testing.T) {
	s := active()
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(2), By: guest, ID: "r1", Body: &deskside.Message{Text: "Hello"}})
	if got := s.Seen(guest, "r1"); got != s.Number {
		t.Errorf("Seen = %d, want %d", got, s.Number)
	}
	if got := s.Seen(ada, "r1"); got != 0 {
		t.Errorf("somebody else's request of that name made event %d", got)
	}
}

func TestApplyPanicsOutOfOrder(t *testing.T) {
	for _, seq := range []int64{1, 3} { // again, and after a gap
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("event %d folded after event 1", seq)
				}
			}()
			s := waiting()
			s.Apply(&deskside.Event{Seq: seq, At: at(1), Body: &deskside.KeyExpired{}})
		}()
	}
}

func TestOverview(t *testing.T) {
	s := active()
	happen(s, at(2), guest, &deskside.Message{Text: "My printer is stuck"}, &deskside.LinkPushed{URL: "https://example.org/"})
	happen(s, at(3), second, &deskside.Knocked{Participant: second, Via: deskside.ViaKey, Check: "042"})
	happen(s, at(3), ada, &deskside.Titled{Title: "Printer"})
	want := deskside.Overview{
		ID: "SESSION", State: deskside.StateActive, Title: "Printer", Agent: "ADA", AgentName: "Ada",
		Created: start, Expires: at(60), Started: at(1), LastText: "https://example.org/", LastAt: at(3),
		Unanswered: 2, Knocking: 1, Tags: []string{},
	}
	if diff := cmp.Diff(want, s.Overview(at(4))); diff != "" {
		t.Errorf("overview (-want +got):\n%s", diff)
	}
	happen(s, at(4), ada, &deskside.Message{Text: "On my way"})
	if got := s.Overview(at(5)).Unanswered; got != 0 {
		t.Errorf("%d unanswered after an agent wrote", got)
	}
}

func TestMaySee(t *testing.T) {
	s := active()
	happen(s, at(2), second, &deskside.Knocked{Participant: second, Via: deskside.ViaLink, Check: "042"})
	for _, c := range []struct {
		name  string
		actor deskside.Actor
		want  bool
	}{
		{"its agent", deskside.Actor{ID: ada, Role: deskside.RoleAgent}, true},
		{"another agent", deskside.Actor{ID: "BOB", Role: deskside.RoleAgent}, false},
		{"an administrator", deskside.Actor{ID: "BOB", Role: deskside.RoleAgent, Admin: true}, true},
		{"its end-user", deskside.Actor{ID: guest, Role: deskside.RoleEndUser}, true},
		{"who waits at the door", deskside.Actor{ID: second, Role: deskside.RoleEndUser}, true},
		{"an end-user of another session", deskside.Actor{ID: "OTHER", Role: deskside.RoleEndUser}, false},
		{"an end-user who claims to be an administrator", deskside.Actor{ID: "OTHER", Role: deskside.RoleEndUser, Admin: true}, false},
	} {
		if got := c.actor.MaySee(s); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
