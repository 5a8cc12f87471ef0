package deskside_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

// invited is a session whose invitation i1 has gone through the given states.
func invited(states ...deskside.InvitationState) *deskside.Session {
	s := waiting()
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(1), By: ada, Body: &deskside.Invited{Via: "sms", Invitation: "i1", To: "+49…789"}})
	for _, state := range states {
		s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(2), Body: &deskside.InvitationMoved{Invitation: "i1", State: state}})
	}
	return s
}

func TestClaim(t *testing.T) {
	if got := invited().Claim("i1", at(3)); got == nil || got.State != deskside.InvitationSending {
		t.Errorf("a queued invitation: %+v", got)
	}
	for _, s := range []*deskside.Session{invited("sending"), invited("sending", "sent"), waiting()} {
		if got := s.Claim("i1", at(3)); got != nil {
			t.Errorf("claimed twice, or none: %+v", got)
		}
	}
	late := invited().Claim("i1", at(60))
	if diff := cmp.Diff(&deskside.InvitationMoved{Invitation: "i1", State: "refused", Why: "key-dead"}, late); diff != "" {
		t.Errorf("an expired key: -want +got:\n%s", diff)
	}
	started := invited()
	started.Apply(&deskside.Event{Seq: started.Number + 1, At: at(2), By: guest, Body: &deskside.Arrived{Participant: guest, Role: deskside.RoleEndUser}})
	if got := started.Claim("i1", at(3)); got.Why != deskside.WhyNotNeeded {
		t.Errorf("a started session: %+v", got)
	}
	renewed := invited()
	renewed.Apply(&deskside.Event{Seq: renewed.Number + 1, At: at(2), By: ada, Body: &deskside.KeyRenewed{Expires: at(90)}})
	if got := renewed.Claim("i1", at(3)); got.Why != deskside.WhyKeyDead {
		t.Errorf("a replaced key: %+v", got)
	}
}

// TestMove: whatever order the gateway's answer and its receipts come in, the
// state only goes where it can have gone.
func TestMove(t *testing.T) {
	const all = "queued sending sent delivered refused uncertain"
	may := map[string]string{
		"queued":    "refused",
		"sending":   "queued sent delivered refused uncertain",
		"sent":      "delivered refused",
		"uncertain": "sent delivered refused",
		"delivered": "", "refused": "",
	}
	ways := map[string][]deskside.InvitationState{
		"queued": nil, "sending": {"sending"}, "sent": {"sending", "sent"}, "uncertain": {"sending", "uncertain"},
		"delivered": {"sending", "sent", "delivered"}, "refused": {"sending", "refused"},
	}
	for from, way := range ways {
		for _, to := range strings.Fields(all) {
			got := invited(way...).Move(deskside.InvitationMoved{Invitation: "i1", State: deskside.InvitationState(to)}) != nil
			if want := strings.Contains(" "+may[from]+" ", " "+to+" "); got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
		}
	}
	if waiting().Move(deskside.InvitationMoved{Invitation: "i1", State: "sent"}) != nil {
		t.Error("an invitation that there is not moved")
	}
	long := invited("sending").Move(deskside.InvitationMoved{Invitation: "i1", State: "refused", Detail: " no\n\x00credit " + strings.Repeat("x", 300)})
	if got := long.(*deskside.InvitationMoved).Detail; len([]rune(got)) != 200 || !strings.HasPrefix(got, "no \x00credit x") {
		t.Errorf("the gateway's words became %q", got)
	}
}

// TestAnUnknownTryIsNotForgotten: where a letter is tried again after a try
// that may have sent it, no later failure makes it certainly not sent.
func TestAnUnknownTryIsNotForgotten(t *testing.T) {
	s := invited("sending")
	again := s.Move(deskside.InvitationMoved{Invitation: "i1", State: "queued", Why: deskside.WhyNoAnswer})
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(2), Body: again})
	want := deskside.InvitationMoved{Invitation: "i1", State: "uncertain", Why: deskside.WhyNoAnswer}
	if got := s.Claim("i1", at(60)); *got != want {
		t.Errorf("after its key had ended: %+v", got)
	}
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(3), Body: s.Claim("i1", at(3))})
	if got := s.Move(deskside.InvitationMoved{Invitation: "i1", State: "refused", Why: deskside.WhyUnreachable}); *got.(*deskside.InvitationMoved) != want {
		t.Errorf("after the last try: %+v", got)
	}
	undelivered := deskside.InvitationMoved{Invitation: "i1", State: "refused", Why: deskside.WhyUndelivered}
	if got := s.Move(undelivered); *got.(*deskside.InvitationMoved) != undelivered {
		t.Errorf("a receipt: %+v", got)
	}
}

func TestTriesAreCounted(t *testing.T) {
	s := invited("sending", "queued", "sending", "uncertain")
	if got := s.Invitation("i1"); got.Tries != 2 || got.State != deskside.InvitationUncertain || got.Generation != 1 {
		t.Errorf("%+v", got)
	}
}

func TestHideAddress(t *testing.T) {
	for address, want := range map[string]string{
		"+4915123456789": "+49…789", "grace@example.org": "g…@example.org", "ü@example.org": "ü…@example.org", "110": "…",
	} {
		if got := deskside.HideAddress(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

func TestAskForKey(t *testing.T) {
	for name, c := range map[string]struct {
		s    *deskside.Session
		min  int
		want deskside.Code
	}{
		"expired": {waiting(), 60, ""}, "waiting": {waiting(), 1, deskside.CodeInvalid},
		"active": {active(), 5, deskside.CodeInvalid}, "ended": {ended(), 9, ""},
	} {
		body, err := c.s.AskForKey(1, at(c.min))
		if deskside.CodeOf(err) != c.want || (body != nil) != (c.want == "") {
			t.Errorf("%s: %v, %v", name, body, err)
		}
	}
	s := ended()
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(9), Body: &deskside.KeyAsked{}})
	if body, err := s.AskForKey(1, at(9).Add(deskside.AskEvery-1)); body != nil || err != nil {
		t.Errorf("asked again at once: %v, %v", body, err)
	}
	if body, err := s.AskForKey(1, at(9).Add(deskside.AskEvery)); body == nil || err != nil {
		t.Errorf("asked again later: %v, %v", body, err)
	}
}

func TestDoubt(t *testing.T) {
	s := waiting()
	if body, err := s.Doubt(1, at(1)); body == nil || err != nil {
		t.Errorf("doubted: %v, %v", body, err)
	}
	s.Apply(&deskside.Event{Seq: s.Number + 1, At: at(1), Body: &deskside.Doubted{}})
	if body, err := s.Doubt(1, at(1)); body != nil || err != nil {
		t.Errorf("doubted twice at once: %v, %v", body, err)
	}
	if s.State(at(2)) != deskside.StateWaiting || !s.Overview(at(2)).Doubted.Equal(at(1)) {
		t.Errorf("after the doubt: %+v", s.Overview(at(2)))
	}
	_, err := active().Doubt(1, at(5))
	if deskside.CodeOf(err) != deskside.CodeKeyInUse {
		t.Errorf("doubted in a chat: %v", err)
	}
}
