package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/servertest"
)

// helperOf pairs a helper with the session in which the guest prepares, and
// connects it.
func helperOf(t *testing.T, s *servertest.Server, guest *servertest.Client, id deskside.SessionID) (h *servertest.Socket, token string) {
	t.Helper()
	var offer struct{ Code string }
	guest.Post(t, "/api/sessions/"+string(id)+"/helper", map[string]string{}).Decode(t, &offer)
	var pairing struct{ Token, Agent, Organisation string }
	s.Browser(t).Post(t, "/api/helper", map[string]string{"code": strings.ToLower(offer.Code), "system": "linux"}).Decode(t, &pairing)
	if pairing.Agent == "" {
		t.Error("the helper is not told who asks")
	}
	return dialHelper(t, s, pairing.Token), pairing.Token
}

func dialHelper(t *testing.T, s *servertest.Server, token string) *servertest.Socket {
	t.Helper()
	h, resp, err := s.Browser(t).Dial(t, "/api/helper/live", http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err, resp)
	}
	return h
}

// say sends a request as helpers do: JSON in a binary frame.
func say(t *testing.T, h *servertest.Socket, request map[string]any) {
	t.Helper()
	frame, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	h.Raw(t, gws.OpcodeBinary, frame)
}

func state(want string, f func(servertest.Frame) bool) (string, func(servertest.Frame) bool) {
	return "state: " + want, func(got servertest.Frame) bool { return got.Type == "state" && f(got) }
}

// until waits for a state of the helper.
func until(t *testing.T, h *servertest.Socket, want string, f func(servertest.Frame) bool) servertest.Frame {
	t.Helper()
	what, wanted := state(want, f)
	return h.Until(t, what, wanted)
}

// TestControl walks control as the server sees it, from the request to the
// end, with a helper of the test's own.
func TestControl(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, welcome := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)
	ada := welcome.You

	agent.Ask(t, id, map[string]any{"type": "ask-control"}).Decode(t, new(any))
	g.Event(t, "control-asked")
	if code := agent.Ask(t, id, map[string]any{"type": "ask-control"}).Code(); code != deskside.CodeControlAsked {
		t.Errorf("asked twice: %q", code)
	}
	if code := guest.Ask(t, id, map[string]any{"type": "allow-control", "participant": ada}).Code(); code != deskside.CodeInvalid {
		t.Errorf("a page allowed control: %q", code)
	}
	guest.Ask(t, id, map[string]any{"type": "prepare-control", "participant": ada}).Decode(t, new(any))
	h, _ := helperOf(t, s, guest, id)
	until(t, h, "no screen yet", func(f servertest.Frame) bool { return f.Screen == 0 && !f.On && !f.Over })
	say(t, h, map[string]any{"type": "allow-control", "id": "1", "participant": ada})
	if code := h.Next(t, "error").Problem.Code; code != deskside.CodeTooLate {
		t.Errorf("allowed without a screen: %q", code)
	}
	guest.Ask(t, id, map[string]any{"type": "grant-view", "participant": ada, "surface": "monitor"}).Decode(t, new(any))
	until(t, h, "a screen", func(f servertest.Frame) bool { return f.Screen > 0 && f.Here })

	c, _, err := agent.Dial(t, "/api/sessions/"+string(id)+"/control", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Raw(t, gws.OpcodeBinary, []byte{1, 99}) // before it is allowed: nobody hears it
	c.Raw(t, gws.OpcodePing, nil)
	c.Next(t, "pong")
	say(t, h, map[string]any{"type": "aim", "aim": `{"marks":[7]}`})
	if aim := g.Until(t, "aim", func(f servertest.Frame) bool { return f.Kind == deskside.SignalAim }).Aim; aim != `{"marks":[7]}` {
		t.Errorf("the page is to look for %s", aim)
	}
	g.Send(t, map[string]any{"type": "aim", "aim": `{"found":[]}`})
	if aim := h.Next(t, "aimed").Aim; aim != `{"found":[]}` {
		t.Errorf("the helper hears %s", aim)
	}

	say(t, h, map[string]any{"type": "allow-control", "id": "2", "participant": ada, "on": true})
	h.Next(t, "ack")
	if granted := a.Event(t, "control-granted").Body.(*deskside.ControlGranted); !granted.Clipboard {
		t.Errorf("granted %+v", granted)
	}
	c.Raw(t, gws.OpcodeBinary, []byte{1, 2, 3})
	if got := h.Next(t, "binary").Binary; !bytes.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("the helper hears %v", got)
	}
	h.Raw(t, gws.OpcodeBinary, []byte{1, 4})
	if got := c.Next(t, "binary").Binary; !bytes.Equal(got, []byte{1, 4}) {
		t.Errorf("the agent's page hears %v", got)
	}
	say(t, h, map[string]any{"type": "post", "id": "3", "text": "I am the end-user"})
	if code := h.Next(t, "error").Problem.Code; code != deskside.CodeForbidden {
		t.Errorf("a helper wrote: %q", code)
	}
	g.Send(t, map[string]any{"type": "pause-control", "id": "of a page", "on": true}) // of which no helper would hear
	if refused := g.Next(t, "error"); refused.ID != "of a page" || refused.Problem.Code != deskside.CodeInvalid {
		t.Errorf("a page paused: %+v", refused)
	}
	say(t, h, map[string]any{"type": "pause-control", "id": "4", "on": true})
	a.Event(t, "control-paused")
	say(t, h, map[string]any{"type": "stop-control", "id": "5", "why": "end-user"})
	if why := a.Event(t, "control-stopped").Body.(*deskside.ControlStopped).Why; why != deskside.ControlByEndUser {
		t.Errorf("stopped by %q", why)
	}
	until(t, h, "over", func(f servertest.Frame) bool { return f.Over })
	if code := h.CloseCode(t); code != 4000 {
		t.Errorf("closed with %d", code)
	}
}

// TestControlOnArrival asks whoever comes first, where the agent wished so.
func TestControlOnArrival(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	id, card := agent.StartSession(t)
	agent.Ask(t, id, map[string]any{"type": "wish-control", "on": true}).Decode(t, new(any))
	guest := s.Browser(t)
	you := guest.Join(t, card)
	g, _ := guest.Live(t, id, 0)
	if asked := g.Event(t, "control-asked"); asked.Body.(*deskside.ControlAsked).Of != you {
		t.Errorf("asked of %+v, want %s", asked.Body, you)
	}
	guest.Ask(t, id, map[string]any{"type": "decline-control", "why": "not-now"}).Decode(t, new(any))
	if why := g.Event(t, "control-declined").Body.(*deskside.ControlDeclined).Why; why != deskside.ControlNotNow {
		t.Errorf("declined because of %q", why)
	}
}

// TestHelperCodes uses codes that are no good.
func TestHelperCodes(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	other := agent.Ask(t, id, map[string]any{"type": "ask-control"})
	other.Decode(t, new(any))
	var me struct{ ID deskside.ParticipantID }
	agent.Get(t, "/api/me").Decode(t, &me)
	guest.Ask(t, id, map[string]any{"type": "prepare-control", "participant": me.ID}).Decode(t, new(any))
	offer := func() string {
		var o struct{ Code string }
		guest.Post(t, "/api/sessions/"+string(id)+"/helper", map[string]string{}).Decode(t, &o)
		return o.Code
	}
	pair := func(code string) servertest.Answer {
		return s.Browser(t).Post(t, "/api/helper", map[string]string{"code": code, "system": "windows"})
	}
	replaced, code := offer(), offer()
	for name, c := range map[string]string{"replaced": replaced, "nobody's": "K7M2QX"} {
		if got := pair(c).Code(); got != deskside.CodeKeyUnknown {
			t.Errorf("a code that was %s: %q", name, got)
		}
	}
	var pairing struct{ Token string }
	pair(code).Decode(t, &pairing)
	if got := pair(code).Code(); got != deskside.CodeKeyUnknown {
		t.Errorf("a code for the second time: %q", got)
	}
	late := offer()
	s.Clock.Advance(deskside.OfferLife)
	if got := pair(late).Code(); got != deskside.CodeKeyUnknown {
		t.Errorf("a code after %s: %q", deskside.OfferLife, got)
	}
	if _, resp, err := s.Browser(t).Dial(t, "/api/helper/live", http.Header{"Authorization": {"Bearer " + code}}); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a code opened a socket: %v", err)
	}
	r := guest.Request(t, "GET", "/api/sessions/"+string(id), "", nil)
	r.Header.Set("Cookie", "deskside-"+string(id)+"="+pairing.Token)
	resp, err := s.Browser(t).HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a helper's credential is an end-user's: status %d", resp.StatusCode)
	}
}

// TestHelperIsLost kills the helper, and lets it come back in time or not.
func TestHelperIsLost(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, welcome := agent.Live(t, id, 0)
	guest.Live(t, id, 0)
	agent.Ask(t, id, map[string]any{"type": "ask-control"}).Decode(t, new(any))
	guest.Ask(t, id, map[string]any{"type": "prepare-control", "participant": welcome.You}).Decode(t, new(any))
	guest.Ask(t, id, map[string]any{"type": "grant-view", "participant": welcome.You, "surface": "monitor"}).Decode(t, new(any))
	h, token := helperOf(t, s, guest, id)
	say(t, h, map[string]any{"type": "allow-control", "id": "1", "participant": welcome.You})
	h.Next(t, "ack")
	a.Event(t, "control-granted")

	h.Drop()
	if reached := a.Event(t, "helper-reached").Body.(*deskside.HelperReached); reached.On {
		t.Error("a helper that was cut off is there")
	}
	h = dialHelper(t, s, token)
	if reached := a.Event(t, "helper-reached").Body.(*deskside.HelperReached); !reached.On {
		t.Error("a helper that came back is not there")
	}
	until(t, h, "on", func(f servertest.Frame) bool { return f.On })
	h.Drop()
	a.Event(t, "helper-reached")
	time.Sleep(10 * time.Millisecond)
	s.Clock.Advance(deskside.ControlBreak + time.Second)

	if why := a.Event(t, "control-stopped").Body.(*deskside.ControlStopped).Why; why != deskside.ControlLost {
		t.Errorf("stopped by %q", why)
	}
	if _, resp, err := s.Browser(t).Dial(t, "/api/helper/live", http.Header{"Authorization": {"Bearer " + token}}); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a helper came back after control had ended: %v", err)
	}
}
