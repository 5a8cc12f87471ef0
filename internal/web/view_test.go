package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deskside"
	"deskside/internal/servertest"
)

// TestView walks a view as the log tells it, from the request to the end.
func TestView(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, welcome := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)
	ada := welcome.You

	agent.Ask(t, id, map[string]any{"type": "ask-view"}).Decode(t, new(any))
	asked := g.Event(t, "view-asked")
	if asked.By != ada {
		t.Fatalf("%s asked, want %s", asked.By, ada)
	}
	if code := agent.Ask(t, id, map[string]any{"type": "ask-view"}).Code(); code != deskside.CodeViewAsked {
		t.Errorf("asked twice: %q", code)
	}
	g.Send(t, map[string]any{"type": "choose-view", "id": "1", "participant": ada})
	g.Send(t, map[string]any{"type": "grant-view", "id": "2", "participant": ada, "surface": "monitor", "on": true})
	if granted := a.Event(t, "view-granted").Body.(*deskside.ViewGranted); granted.Surface != deskside.SurfaceMonitor || !granted.Sound {
		t.Errorf("granted %+v", granted)
	}
	g.Send(t, map[string]any{"type": "pause-view", "id": "3", "on": true})
	if !a.Event(t, "view-paused").Body.(*deskside.ViewPaused).On {
		t.Error("not paused")
	}
	g.Send(t, map[string]any{"type": "stop-view", "id": "4", "why": "end-user"})
	if why := a.Event(t, "view-stopped").Body.(*deskside.ViewStopped).Why; why != deskside.ViewByEndUser {
		t.Errorf("stopped by %q", why)
	}
	if code := guest.Ask(t, id, map[string]any{"type": "stop-view", "why": "end-user"}).Code(); code != deskside.CodeTooLate {
		t.Errorf("stopped twice: %q", code)
	}
	if code := guest.Ask(t, id, map[string]any{"type": "ask-view"}).Code(); code != deskside.CodeForbidden {
		t.Errorf("an end-user asked: %q", code)
	}
	if answer := guest.Ask(t, id, map[string]any{"type": "report"}); answer.Status != 200 || !strings.Contains(s.Log.String(), "believe that they are being cheated") {
		t.Errorf("report: status %d, and the log says nothing of it", answer.Status)
	}
}

// TestSnapshot marks a picture that a watcher took, and none of another.
func TestSnapshot(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	_, welcome := agent.Live(t, id, 0)
	agent.Ask(t, id, map[string]any{"type": "ask-view"}).Decode(t, new(any))
	guest.Ask(t, id, map[string]any{"type": "grant-view", "participant": welcome.You, "surface": "monitor"}).Decode(t, new(any))
	for i, c := range []*servertest.Client{agent, guest} {
		if answer := c.Offer(t, id, "shot.png", "image/png", 9, fmt.Sprint("shot", i), "snapshot", "true"); answer.Status != 201 {
			t.Fatalf("status %d", answer.Status)
		}
	}
	var marked []bool
	for _, e := range agent.Events(t, id) {
		if a, ok := e.Body.(*deskside.Attached); ok {
			marked = append(marked, a.Snapshot)
		}
	}
	if !slices.Equal(marked, []bool{true, false}) {
		t.Errorf("marked %v", marked)
	}
	if text := string(guest.Get(t, "/api/sessions/"+string(id)+"/transcript.txt").Body); strings.Count(text, "Snapshot: shot.png") != 1 {
		t.Errorf("the transcript says:\n%s", text)
	}
}

// TestTranscriptOfAView says who saw what.
func TestTranscriptOfAView(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	_, welcome := agent.Live(t, id, 0)
	ask := func(c *servertest.Client, typ string, fields ...any) {
		t.Helper()
		request := map[string]any{"type": typ}
		for i := 0; i < len(fields); i += 2 {
			request[fmt.Sprint(fields[i])] = fields[i+1]
		}
		c.Ask(t, id, request).Decode(t, new(any))
	}
	ask(guest, "equip", "screen", true, "camera", true)
	ask(agent, "ask-view", "on", true)
	ask(guest, "choose-view", "participant", welcome.You)
	ask(guest, "grant-view", "participant", welcome.You, "surface", "window")
	ask(guest, "pause-view", "on", true)
	ask(guest, "stop-view", "why", "end-user")
	ask(agent, "ask-view", "surface", "camera")
	ask(guest, "decline-view", "participant", welcome.You, "why", "not-now")
	ask(agent, "ask-control")
	ask(agent, "decline-control")
	text := string(guest.Get(t, "/api/sessions/"+string(id)+"/transcript.txt").Body)
	for _, line := range []string{
		"Ada asks to see the screen and to hear its sound.", "Ada now sees one window of End-user.", "End-user paused the picture.", "End-user stopped sharing.",
		"Ada asks to see the camera.", "End-user does not want to share anything now.", "Ada took the request for control back.",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is missing", line)
		}
	}
	if t.Failed() || strings.Contains(text, "line.") {
		t.Errorf("the transcript says:\n%s", text)
	}
}

// TestNobodyAnswers lets a minute pass.
func TestNobodyAnswers(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	g, _ := guest.Live(t, id, 0)
	agent.Ask(t, id, map[string]any{"type": "ask-view"}).Decode(t, new(any))
	g.Event(t, "view-asked")
	s.Clock.Advance(deskside.ViewPatience)
	if declined := g.Event(t, "view-declined"); declined.By != "" || declined.Body.(*deskside.ViewDeclined).Why != deskside.ViewUnanswered {
		t.Errorf("declined by %q: %+v", declined.By, declined.Body)
	}
}

// TestConnectingPages hands what pages say to each other to the one that it
// is for, and only between the two ends of a view.
func TestConnectingPages(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	boss := s.Administrator(t, "Boss")
	a, welcome := agent.Live(t, id, 0)
	g, other := guest.Live(t, id, 0)
	b, third := boss.Live(t, id, 0)
	ada, end, chief := welcome.You, other.You, third.You
	tell := func(from *servertest.Client, to deskside.ParticipantID, said string) deskside.Code {
		t.Helper()
		answer := from.Post(t, "/api/sessions/"+string(id)+"/requests", map[string]any{"type": "rtc", "participant": to, "rtc": said})
		return answer.Code()
	}
	if code := tell(agent, end, "early"); code != deskside.CodeTooLate {
		t.Errorf("before any view: %q", code)
	}
	agent.Ask(t, id, map[string]any{"type": "ask-view"}).Decode(t, new(any))
	guest.Ask(t, id, map[string]any{"type": "grant-view", "participant": ada, "surface": "unknown"}).Decode(t, new(any))

	for _, said := range []string{"one", "two", "three"} { // none may take the place of another
		if code := tell(agent, end, said); code != "" {
			t.Fatalf("%s: %q", said, code)
		}
		if f := g.Until(t, said, func(f servertest.Frame) bool { return f.Type == "signal" && f.Kind == "rtc" }); f.RTC != said || f.By != ada {
			t.Errorf("heard %q of %s, want %q of %s", f.RTC, f.By, said, ada)
		}
	}
	if code := tell(guest, ada, "back"); code != "" {
		t.Fatalf("the answer: %q", code)
	}
	if f := a.Until(t, "the answer", func(f servertest.Frame) bool { return f.Type == "signal" && f.Kind == "rtc" }); f.RTC != "back" {
		t.Errorf("heard %q", f.RTC)
	}
	for name, code := range map[string]deskside.Code{
		"to who sees nothing":   tell(guest, chief, "x"),
		"from who sees nothing": tell(boss, end, "x"),
		"between agents":        tell(boss, ada, "x"),
		"to nobody":             tell(agent, "nobody", "x"),
	} {
		if code != deskside.CodeTooLate && code != deskside.CodeForbidden {
			t.Errorf("%s: %q", name, code)
		}
	}
	if code := tell(agent, end, strings.Repeat("x", 33<<10)); code != deskside.CodeTooLarge {
		t.Errorf("too much: %q", code)
	}
	agent.Say(t, id, "the last")
	b.Until(t, "what is said", func(f servertest.Frame) bool {
		if f.Type == "signal" && f.Kind == "rtc" {
			t.Errorf("who sees nothing heard %q", f.RTC)
		}
		return f.Type == "events" && len(f.Events) > 0 && f.Events[len(f.Events)-1].Body.Type() == "message"
	})
}

// TestWhoIsGoneSeesNothing ends a view once one end of it has been gone for a
// minute.
func TestWhoIsGoneSeesNothing(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, welcome := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)
	agent.Ask(t, id, map[string]any{"type": "ask-view"}).Decode(t, new(any))
	guest.Ask(t, id, map[string]any{"type": "grant-view", "participant": welcome.You, "surface": "window"}).Decode(t, new(any))
	g.Drop()
	a.Until(t, "that the end-user is gone", func(f servertest.Frame) bool { return f.Type == "signal" && string(f.Presence) == `"gone"` })
	s.Clock.Advance(deskside.LeaveAfter + time.Second)
	a.Event(t, "left")
	s.Clock.Advance(deskside.ViewBreak - deskside.LeaveAfter)
	if why := a.Event(t, "view-stopped").Body.(*deskside.ViewStopped).Why; why != deskside.ViewLost {
		t.Errorf("stopped: %q", why)
	}
}
