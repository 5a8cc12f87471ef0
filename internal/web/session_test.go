package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/node"
	"deskside/internal/servertest"
)

// texts returns what was said, in order.
func texts(events []deskside.Event) (said []string) {
	for _, e := range events {
		if m, ok := e.Body.(*deskside.Message); ok {
			said = append(said, m.Text)
		}
	}
	return said
}

// active returns an agent and an end-user in a session that has started.
func active(t *testing.T, s *servertest.Server) (agent, guest *servertest.Client, id deskside.SessionID) {
	t.Helper()
	agent, guest = s.Agent(t, "Ada"), s.Browser(t)
	id, card := agent.StartSession(t)
	guest.Join(t, card)
	return agent, guest, id
}

func TestConversationReachesBoth(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, _ := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)

	g.Send(t, map[string]any{"type": "post", "id": "one", "text": "My screen is dark"})
	ack := g.Next(t, "ack")
	if e := a.Event(t, "message"); e.Seq != ack.Seq || e.ID != "one" {
		t.Errorf("the agent got event %d %q, the ack said %d", e.Seq, e.ID, ack.Seq)
	}
	a.Send(t, map[string]any{"type": "post", "id": "two", "text": "Press the power button"})
	a.Next(t, "ack")
	g.Until(t, "the answer", func(f servertest.Frame) bool {
		return slices.Contains(texts(f.Events), "Press the power button")
	})

	want := []string{"My screen is dark", "Press the power button"}
	if diff := cmp.Diff(want, texts(guest.Events(t, id))); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}

func TestComesBackWithItsNumber(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	g, _ := guest.Live(t, id, 0)
	agent.Say(t, id, "one")
	last := g.Event(t, "message").Seq
	g.Drop()
	for _, text := range []string{"two", "three", "four"} {
		agent.Say(t, id, text)
	}
	g, _ = guest.Live(t, id, last)
	var got []string
	for len(got) < 3 {
		f := g.Next(t, "events")
		if f.After != last {
			t.Fatalf("events after %d, want %d", f.After, last)
		}
		last, got = f.Upto, append(got, texts(f.Events)...)
	}
	if diff := cmp.Diff([]string{"two", "three", "four"}, got); diff != "" {
		t.Errorf("after the break (-want +got):\n%s", diff)
	}
}

func TestRepeatedRequestMakesNoSecondEvent(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	request := map[string]any{"type": "post", "id": "same", "text": "once"}
	var first, second struct{ Seq int64 }
	guest.Ask(t, id, request).Decode(t, &first)
	guest.Ask(t, id, request).Decode(t, &second)
	if first != second {
		t.Errorf("the repeated request became event %d, the first was %d", second.Seq, first.Seq)
	}
	request["text"] = "something else"
	if code := guest.Ask(t, id, request).Code(); code != deskside.CodeIDReused {
		t.Errorf("the same id with another text: %q, want %q", code, deskside.CodeIDReused)
	}
	if diff := cmp.Diff([]string{"once"}, texts(guest.Events(t, id))); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}

// TestRobots opens the link as previews, scanners and prefetchers do. None of
// that may use the key up.
func TestRobots(t *testing.T) {
	s := servertest.Start(t)
	agent, robot, guest := s.Agent(t, "Ada"), s.Browser(t), s.Browser(t)
	id, card := agent.StartSession(t)
	before := agent.Events(t, id)
	path := strings.TrimPrefix(card.Link, s.URL)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet, http.MethodOptions} {
		r := robot.Request(t, method, path, "", nil)
		r.Header.Set("Sec-Purpose", "prefetch")
		robot.Do(t, r)
	}
	r := robot.Request(t, http.MethodPost, "/api/join", "application/json", []byte(`{"token":"`+card.Token()+`"}`))
	r.Header.Set("Origin", "https://scanner.example")
	if a := robot.Do(t, r); a.Code() != deskside.CodeCrossOrigin {
		t.Errorf("joined from another site: status %d %s", a.Status, a.Body)
	}
	if diff := cmp.Diff(len(before), len(agent.Events(t, id))); diff != "" {
		t.Errorf("the robots left events:\n%s", diff)
	}
	if got := agent.KeyCard(t, id); got.Visits != 3 {
		t.Errorf("%d visits on the key card, want 3", got.Visits)
	}
	guest.Join(t, card) // the key is still good
}

func TestKeyTypedOnTheFrontPage(t *testing.T) {
	s := servertest.Start(t)
	agent, guest := s.Agent(t, "Ada"), s.Browser(t)
	id, card := agent.StartSession(t)
	a, _ := agent.Live(t, id, 0)
	typed := card.Key[:3] + " " + card.Key[3:6] + "-" + card.Key[6:]
	answer := guest.Form(t, "/key", "key", typed)
	if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != "/s/"+string(id) {
		t.Fatalf("status %d, to %q", answer.Status, answer.Header.Get("Location"))
	}
	knock := a.Event(t, "knocked").Body.(*deskside.Knocked)
	g, welcome := guest.Live(t, id, 0)
	if welcome.Standing != deskside.Knocking {
		t.Errorf("standing %q, want knocking", welcome.Standing)
	}
	if page := guest.Get(t, "/api/sessions/"+string(id)); !strings.Contains(string(page.Body), `"check":"`+knock.Check+`"`) {
		t.Errorf("who knocks is not told the check number %s: %s", knock.Check, page.Body)
	}
	if code := guest.Ask(t, id, map[string]any{"type": "post", "text": "let me in"}).Code(); code != deskside.CodeForbidden {
		t.Errorf("said something while knocking: %q", code)
	}
	agent.Ask(t, id, map[string]any{"type": "admit", "participant": knock.Participant}).Decode(t, new(any))
	if f := g.Next(t, "standing"); f.Standing != deskside.Entering {
		t.Errorf("standing %q, want admitted", f.Standing)
	}
	before := guest.Cookie(t, "deskside-"+string(id))
	guest.Post(t, "/api/sessions/"+string(id)+"/enter", struct{}{}).Decode(t, new(any))
	guest.Say(t, id, "thank you")

	stolen := s.Browser(t)
	stolen.SetCookie(t, before)
	if a := stolen.Get(t, "/api/sessions/"+string(id)+"/events"); a.Status != http.StatusUnauthorized {
		t.Errorf("the credential from before the rights changed still works: status %d", a.Status)
	}
}

func TestDeadKeys(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	for _, test := range []struct {
		name string
		kill func(id deskside.SessionID, card servertest.KeyCard)
		want deskside.Code
	}{
		{"expired", func(deskside.SessionID, servertest.KeyCard) { s.Clock.Advance(61 * time.Minute) }, deskside.CodeKeyExpired},
		{"revoked", func(id deskside.SessionID, _ servertest.KeyCard) { agent.Ask(t, id, map[string]any{"type": "revoke"}) }, deskside.CodeKeyRevoked},
		{"replaced", func(id deskside.SessionID, _ servertest.KeyCard) { agent.Ask(t, id, map[string]any{"type": "renew"}) }, deskside.CodeKeyRevoked},
		{"in use", func(_ deskside.SessionID, card servertest.KeyCard) { s.Browser(t).Join(t, card) }, deskside.CodeKeyInUse},
		{"ended", func(id deskside.SessionID, _ servertest.KeyCard) { agent.Ask(t, id, map[string]any{"type": "end"}) }, deskside.CodeSessionEnded},
	} {
		t.Run(test.name, func(t *testing.T) {
			id, card := agent.StartSession(t)
			test.kill(id, card)
			guest := s.Browser(t)
			if code := guest.Post(t, "/api/join", map[string]string{"token": card.Token()}).Code(); code != test.want {
				t.Errorf("by link: %q, want %q", code, test.want)
			}
			if got := guest.Page(t, strings.TrimPrefix(card.Link, s.URL)); got.Status < 400 || got.Status >= 500 {
				t.Errorf("the page of the link has status %d", got.Status)
			}
			page := guest.Form(t, "/key", "key", card.Key)
			if page.Status < 400 || page.Status >= 500 {
				t.Errorf("typed: status %d, to %q", page.Status, page.Header.Get("Location"))
			}
		})
	}
}

func TestExtendedKeyHasTheSameDigits(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	id, card := agent.StartSession(t)
	s.Clock.Advance(2 * time.Hour)
	agent.Ask(t, id, map[string]any{"type": "extend"}).Decode(t, new(any))
	if again := agent.KeyCard(t, id); again.Key != card.Key || again.Link != card.Link {
		t.Errorf("extended to %s %s, was %s %s", again.Key, again.Link, card.Key, card.Link)
	}
	s.Browser(t).Join(t, card)
	if used := agent.KeyCard(t, id); used.Key != "" || used.Link != "" {
		t.Errorf("the key is still shown after the start: %+v", used)
	}
}

func TestWrongKeysAreLimited(t *testing.T) {
	s := servertest.Start(t)
	agent, guesser := s.Agent(t, "Ada"), s.Browser(t)
	id, card := agent.StartSession(t)
	for i := range 10 {
		wrong := []byte(card.Key)
		wrong[8] = '0' + (wrong[8]-'0'+1+byte(i%9))%10
		if a := guesser.Form(t, "/key", "key", string(wrong)); a.Status != http.StatusNotFound {
			t.Fatalf("wrong key %d: status %d", i+1, a.Status)
		}
	}
	a := guesser.Form(t, "/key", "key", card.Key)
	if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("after ten wrong keys: status %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	if got := agent.KeyCard(t, id).WrongKeys; got != 10 {
		t.Errorf("the key card shows %d wrong attempts, want 10", got)
	}
	s.Browser(t).Join(t, card) // links are never locked out
}

func TestWithdrawnTextIsGoneForAll(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	seq := guest.Say(t, id, "my password is hunter2")
	guest.Ask(t, id, map[string]any{"type": "edit", "message": seq, "text": "my password is still hunter2"}).Decode(t, new(any))
	guest.Ask(t, id, map[string]any{"type": "withdraw", "message": seq}).Decode(t, new(any))
	for name, c := range map[string]*servertest.Client{"agent": agent, "end-user": guest} {
		for _, path := range []string{"/events", "/transcript.txt", "/transcript.html", "/transcript.json"} {
			a := c.Get(t, "/api/sessions/"+string(id)+path)
			if a.Status != http.StatusOK || strings.Contains(string(a.Body), "hunter2") {
				t.Errorf("%s reads in %s (status %d): %s", name, path, a.Status, a.Body)
			}
		}
	}
}

func TestNotesAreForAgents(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	g, _ := guest.Live(t, id, 0)
	agent.Ask(t, id, map[string]any{"type": "note", "text": "difficult customer"}).Decode(t, new(any))
	agent.Say(t, id, "Hello")
	if f := g.Until(t, "the greeting", func(f servertest.Frame) bool { return slices.Contains(texts(f.Events), "Hello") }); strings.Contains(string(f.Raw), "difficult") {
		t.Errorf("the end-user got %s", f.Raw)
	}
	for _, path := range []string{"/events", "/transcript.txt", "/transcript.html", "/transcript.json", ""} {
		if a := guest.Get(t, "/api/sessions/"+string(id)+path); strings.Contains(string(a.Body), "difficult") {
			t.Errorf("the end-user reads the note in %s: %s", path, a.Body)
		}
	}
	if code := guest.Ask(t, id, map[string]any{"type": "note", "text": "mine"}).Code(); code != deskside.CodeForbidden {
		t.Errorf("an end-user's note: %q", code)
	}
}

func TestEndClosesEverySocket(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, _ := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)
	agent.Ask(t, id, map[string]any{"type": "end"}).Decode(t, new(any))
	for name, socket := range map[string]*servertest.Socket{"agent": a, "end-user": g} {
		socket.Event(t, "ended")
		if code := socket.CloseCode(t); code != 4000 {
			t.Errorf("%s: close code %d, want 4000", name, code)
		}
	}
	if code := guest.Ask(t, id, map[string]any{"type": "post", "text": "wait"}).Code(); code != deskside.CodeSessionEnded {
		t.Errorf("said something after the end: %q", code)
	}
	guest.Ask(t, id, map[string]any{"type": "rate", "rating": "good"}).Decode(t, new(any))
	agent.Ask(t, id, map[string]any{"type": "summarize", "note": "Cable was loose", "outcome": "resolved", "tags": []string{"hardware"}}).Decode(t, new(any))
	var history struct{ Sessions []deskside.Found }
	agent.Get(t, "/api/history?q=cable").Decode(t, &history)
	if len(history.Sessions) != 1 || history.Sessions[0].Rating != deskside.RatingGood || history.Sessions[0].Outcome != deskside.OutcomeResolved {
		t.Errorf("history: %+v", history.Sessions)
	}
}

func TestSignedOutClosesSockets(t *testing.T) {
	s := servertest.Start(t)
	agent, _, id := active(t, s)
	socket, _ := agent.Live(t, id, 0)
	agent.Form(t, "/sign-out")
	if code := socket.CloseCode(t); code != 4002 {
		t.Errorf("close code %d, want 4002", code)
	}
	if a := agent.Get(t, "/api/me"); a.Status != http.StatusUnauthorized {
		t.Errorf("still signed in: status %d", a.Status)
	}
}

func TestBadFrames(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	for _, test := range []struct {
		name   string
		opcode gws.Opcode
		frame  []byte
		want   int
	}{
		{"binary", gws.OpcodeBinary, []byte(`{"type":"beat"}`), 1003},
		{"no UTF-8", gws.OpcodeText, []byte("{\"type\":\"\xff\"}"), 1007},
		{"oversized", gws.OpcodeText, []byte(`{"type":"post","id":"x","text":"` + strings.Repeat("x", 70_000) + `"}`), 1009},
	} {
		t.Run(test.name, func(t *testing.T) {
			socket, _ := guest.Live(t, id, 0)
			socket.Raw(t, test.opcode, test.frame)
			if code := socket.CloseCode(t); code != test.want {
				t.Errorf("close code %d, want %d", code, test.want)
			}
		})
	}
	if said := texts(guest.Events(t, id)); said != nil {
		t.Errorf("the bad frames said %q", said)
	}
}

func TestRefusedOverTheSocket(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	socket, _ := guest.Live(t, id, 0)
	for _, test := range []struct {
		request map[string]any
		want    deskside.Code
	}{
		{map[string]any{"type": "post", "id": "a", "text": ""}, deskside.CodeTextEmpty},
		{map[string]any{"type": "post", "id": "b", "text": strings.Repeat("é", 4001)}, deskside.CodeTextTooLong},
		{map[string]any{"type": "extend", "id": "c"}, deskside.CodeForbidden},
		{map[string]any{"type": "dance", "id": "d"}, deskside.CodeInvalid},
		{map[string]any{"type": "edit", "id": "e", "message": 99, "text": "x"}, deskside.CodeNotFound},
		{map[string]any{"type": "rate", "id": "f", "rating": "good"}, deskside.CodeInvalid},
	} {
		socket.Send(t, test.request)
		if f := socket.Next(t, "error"); f.Problem.Code != test.want || f.ID != test.request["id"] {
			t.Errorf("%v: %q for %q, want %q", test.request, f.Problem.Code, f.ID, test.want)
		}
	}
}

func TestForeignOriginGetsNoSocket(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	for _, foreign := range []string{"", "null", "https://evil.example", s.URL + ".evil.example", strings.Replace(s.URL, "http", "https", 1)} {
		header := http.Header{}
		if foreign != "" {
			header.Set("Origin", foreign)
		}
		if _, resp, err := guest.Dial(t, "/api/sessions/"+string(id)+"/live", header); err == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v", foreign, err)
		}
	}
}

func TestPresenceLeavingAndReturning(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, _ := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)
	present := func(want string) {
		t.Helper()
		a.Until(t, "presence "+want, func(f servertest.Frame) bool {
			return f.Kind == deskside.SignalPresence && string(f.Presence) == `"`+want+`"`
		})
	}
	present("here")
	g.Send(t, map[string]any{"type": "away", "away": true})
	present("away")
	g.Drop()
	present("gone")
	s.Clock.Advance(31 * time.Second)
	a.Event(t, "left")
	guest.Live(t, id, 0)
	a.Event(t, "returned")
}

func TestTypingAndMarks(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, _ := agent.Live(t, id, 0)
	g, _ := guest.Live(t, id, 0)
	g.Send(t, map[string]any{"type": "typing", "typing": true})
	a.Until(t, "typing", func(f servertest.Frame) bool { return f.Kind == deskside.SignalTyping && f.Typing })
	seq := agent.Say(t, id, "read me")
	g.Send(t, map[string]any{"type": "marks", "delivered": seq, "read": seq})
	a.Until(t, "marks", func(f servertest.Frame) bool {
		return f.Kind == deskside.SignalMarks && strings.Contains(string(f.Marks), `"read"`)
	})
}

func TestAbandonedSessionEnds(t *testing.T) {
	s := servertest.Start(t, func(c *node.Config) { c.IdleEnd = time.Hour })
	agent, guest, id := active(t, s)
	s.Clock.Advance(2 * time.Hour)
	servertest.Eventually(t, "the session has ended", func() bool {
		events := guest.Events(t, id)
		ended, ok := events[len(events)-1].Body.(*deskside.Ended)
		return ok && ended.Reason == deskside.EndedAbandoned
	})
	_ = agent
}

func TestListIsLive(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	list, _, err := agent.Dial(t, "/api/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	if first := list.Next(t, "list"); len(first.Sessions) != 0 {
		t.Errorf("the list begins with %d sessions", len(first.Sessions))
	}
	id, card := agent.StartSession(t)
	list.Until(t, "the new session", func(f servertest.Frame) bool { return f.Session.ID == id && f.Session.State == deskside.StateWaiting })
	guest := s.Browser(t)
	guest.Join(t, card)
	guest.Say(t, id, "hello?")
	list.Until(t, "what waits", func(f servertest.Frame) bool { return f.Session.Unanswered == 1 })
	s.Agent(t, "Bob").Get(t, "/api/sessions").Decode(t, &struct{}{})
	agent.Ask(t, id, map[string]any{"type": "end"})
	list.Until(t, "the end", func(f servertest.Frame) bool { return f.Session.State == deskside.StateEnded })
}

func TestStreamWithoutWebSocket(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	r := guest.Request(t, http.MethodGet, "/api/sessions/"+string(id)+"/stream?after=0", "", nil)
	resp, err := guest.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	agent.Say(t, id, "over the other way")
	var seen strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(seen.String(), "over the other way") {
		n, err := resp.Body.Read(buffer)
		if err != nil {
			t.Fatalf("the stream ended: %v after %s", err, seen.String())
		}
		seen.Write(buffer[:n])
	}
	if !strings.HasPrefix(seen.String(), `data: {"type":"welcome"`) {
		t.Errorf("the stream begins with %.60s", seen.String())
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	guest.Say(t, id, "a very private message")
	_, card := agent.StartSession(t)
	s.Browser(t).Page(t, strings.TrimPrefix(card.Link, s.URL))
	s.Browser(t).Form(t, "/key", "key", card.Key)
	for _, secret := range []string{"private", card.Token(), card.Key, servertest.Password} {
		if strings.Contains(s.Log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, s.Log)
		}
	}
}
