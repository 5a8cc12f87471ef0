package web_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"deskside"
	"deskside/internal/node"
	"deskside/internal/servertest"
)

// TestBadCalls sends what no client of ours sends. Each is refused with its
// reason as problem details, and changes nothing.
func TestBadCalls(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	path := "/api/sessions/" + string(id)
	before := len(agent.Events(t, id))
	for _, test := range []struct {
		name, path, kind string
		who              *servertest.Client
		body             string
		want             deskside.Code
	}{
		{"no JSON", "/requests", "application/json", guest, `hello`, deskside.CodeInvalid},
		{"an unknown field", "/requests", "application/json", guest, `{"type":"post","id":"a","text":"x","by":"ada"}`, deskside.CodeInvalid},
		{"an unknown request", "/requests", "application/json", guest, `{"type":"promote","id":"a"}`, deskside.CodeInvalid},
		{"no id", "/requests", "application/json", guest, `{"type":"post","text":"x"}`, deskside.CodeInvalid},
		{"an id that is too long", "/requests", "application/json", guest, `{"type":"post","text":"x","id":"` + strings.Repeat("i", 65) + `"}`, deskside.CodeInvalid},
		{"no text", "/requests", "application/json", guest, `{"type":"post","id":"a","text":" \n"}`, deskside.CodeTextEmpty},
		{"too much text", "/requests", "application/json", guest, `{"type":"post","id":"a","text":"` + strings.Repeat("ü", 4001) + `"}`, deskside.CodeTextTooLong},
		{"no UTF-8", "/requests", "application/json", guest, "{\"type\":\"post\",\"id\":\"a\",\"text\":\"\xc3\x28\"}", deskside.CodeTextNotUTF8},
		{"oversized", "/requests", "application/json", guest, `{"type":"post","id":"a","text":"` + strings.Repeat("x", 70_000) + `"}`, deskside.CodeTooLarge},
		{"a script for a link", "/requests", "application/json", agent, `{"type":"link","id":"a","url":"javascript:alert(1)"}`, deskside.CodeInvalid},
		{"a message that is not there", "/requests", "application/json", guest, `{"type":"withdraw","id":"a","message":99}`, deskside.CodeNotFound},
		{"somebody else's message", "/requests", "application/json", guest, `{"type":"withdraw","id":"a","message":1}`, deskside.CodeNotFound},
		{"a rating before the end", "/requests", "application/json", guest, `{"type":"rate","id":"a","rating":"good"}`, deskside.CodeInvalid},
		{"an agent's request", "/requests", "application/json", guest, `{"type":"wish-control","id":"a","on":true}`, deskside.CodeForbidden},
		{"an agent's rating", "/requests", "application/json", agent, `{"type":"rate","id":"a","rating":"good"}`, deskside.CodeForbidden},
		{"an outcome that is none", "/requests", "application/json", agent, `{"type":"summarize","id":"a","outcome":"great"}`, deskside.CodeInvalid},
		{"the key of a started session", "/requests", "application/json", agent, `{"type":"extend","id":"a"}`, deskside.CodeKeyInUse},
		{"nobody at the door", "/requests", "application/json", agent, `{"type":"admit","id":"a","participant":"eve"}`, deskside.CodeNotFound},
		{"no phone number", "/invitations/check", "application/json", agent, `{"via":"sms","to":"hello","country":"DE"}`, deskside.CodeInvalid},
		{"no email address", "/invitations/check", "application/json", agent, `{"via":"email","to":"grace@example.org\r\nBcc: all@example.org"}`, deskside.CodeInvalid},
		{"two addresses", "/invitations", "application/json", agent, `{"id":"a","via":"email","to":"a@example.org, b@example.org"}`, deskside.CodeInvalid},
		{"an invitation by pigeon", "/invitations", "application/json", agent, `{"id":"a","via":"pigeon","to":"a@example.org"}`, deskside.CodeInvalid},
		{"a long personal word", "/invitations", "application/json", agent, `{"id":"a","via":"email","to":"a@example.org","word":"` + strings.Repeat("x", 101) + `"}`, deskside.CodeTextTooLong},
		{"an invitation like none", "/invitations", "application/json", agent, `{"id":"a","again":"none"}`, deskside.CodeNotFound},
		{"an invitation to a started session", "/invitations", "application/json", agent, `{"id":"a","via":"email","to":"a@example.org"}`, deskside.CodeKeyInUse},
		{"an end-user's invitation", "/invitations", "application/json", guest, `{"id":"a","via":"email","to":"a@example.org"}`, deskside.CodeUnauthenticated},
		{"entering twice", "/enter", "application/json", guest, `{}`, deskside.CodeNotAdmitted},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := test.who.Do(t, test.who.Request(t, http.MethodPost, path+test.path, test.kind, []byte(test.body)))
			if a.Code() != test.want || a.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("status %d, %s %s; want %q", a.Status, a.Header.Get("Content-Type"), a.Body, test.want)
			}
		})
	}
	if after := len(agent.Events(t, id)); after != before {
		t.Errorf("%d events became %d", before, after)
	}
}

func TestCrossOriginPostIsRefused(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	for _, header := range []http.Header{
		{"Origin": {"https://evil.example"}},
		{"Origin": {"null"}},
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://other.example.org"}},
	} {
		r := guest.Request(t, http.MethodPost, "/api/sessions/"+string(id)+"/requests", "application/json", []byte(`{"type":"end","id":"x"}`))
		r.Header.Del("Origin")
		for name, values := range header {
			r.Header[name] = values
		}
		if a := guest.Do(t, r); a.Code() != deskside.CodeCrossOrigin {
			t.Errorf("%v: status %d %s", header, a.Status, a.Body)
		}
	}
}

func TestOneAgentDoesNotSeeAnothers(t *testing.T) {
	s := servertest.Start(t)
	_, _, id := active(t, s)
	bob, admin := s.Agent(t, "Bob"), s.Administrator(t, "Grace")
	var list struct{ Sessions []deskside.Overview }
	bob.Get(t, "/api/sessions").Decode(t, &list)
	if len(list.Sessions) != 0 {
		t.Errorf("Bob sees %+v", list.Sessions)
	}
	if code := bob.Ask(t, id, map[string]any{"type": "end"}).Code(); code != deskside.CodeNotFound {
		t.Errorf("Bob ends Ada's session: %q", code)
	}
	if _, resp, err := bob.Dial(t, "/api/sessions/"+string(id)+"/live", nil); err == nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("Bob's socket in Ada's session: %v", err)
	}
	admin.Get(t, "/api/sessions").Decode(t, &list)
	if len(list.Sessions) != 1 {
		t.Errorf("the administrator sees %d sessions", len(list.Sessions))
	}
	admin.Say(t, id, "May I help?")
	events := admin.Events(t, id)
	if a, ok := events[len(events)-2].Body.(*deskside.Arrived); !ok || a.Name != "Grace" {
		t.Errorf("before the administrator's message stands %+v", events[len(events)-2].Body)
	}
}

func TestHeaders(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	_, card := agent.StartSession(t)
	for _, path := range []string{"/", "/sign-in", strings.TrimPrefix(card.Link, s.URL), "/support", "/api/me", "/healthz", "/nothing"} {
		h := agent.Page(t, path).Header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

// TestForwardedAddresses: limits count for the address that a trusted proxy
// names, and for nobody else's word.
func TestForwardedAddresses(t *testing.T) {
	servertest.OneNode(t) // two are behind a proxy of their own
	trusted := servertest.Start(t, func(c *node.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	direct := servertest.Start(t)
	for _, test := range []struct {
		name   string
		server *servertest.Server
		last   int
	}{
		{"behind a trusted proxy each address counts for itself", trusted, http.StatusNotFound},
		{"the word of a stranger does not count", direct, http.StatusTooManyRequests},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := test.server.Browser(t)
			status := 0
			for i := range 12 {
				r := c.Request(t, http.MethodPost, "/api/knock", "application/json", []byte(`{"key":"123456789"}`))
				r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.1, 127.0.0.1", i))
				status = c.Do(t, r).Status
			}
			if status != test.last {
				t.Errorf("the twelfth wrong key: status %d, want %d", status, test.last)
			}
		})
	}
}

func TestDeadKeyIsRememberedForADay(t *testing.T) {
	s := servertest.Start(t)
	_, card := s.Agent(t, "Ada").StartSession(t)
	knock := func() deskside.Code {
		return s.Browser(t).Post(t, "/api/knock", map[string]string{"key": card.Key}).Code()
	}
	s.Clock.Advance(2 * time.Hour)
	if code := knock(); code != deskside.CodeKeyExpired {
		t.Errorf("after two hours: %q", code)
	}
	s.Clock.Advance(24 * time.Hour)
	if code := knock(); code != deskside.CodeKeyUnknown {
		t.Errorf("after a day more: %q", code)
	}
}

func TestOldMessagesAreErased(t *testing.T) {
	s := servertest.Start(t, func(c *node.Config) { c.KeepMessages = time.Hour })
	agent, guest, id := active(t, s)
	guest.Say(t, id, "to be forgotten")
	agent.Ask(t, id, map[string]any{"type": "end"})
	s.Clock.Advance(2 * time.Hour)
	servertest.Eventually(t, "the session is erased", func() bool {
		return guest.Get(t, "/api/sessions/"+string(id)+"/events").Status == http.StatusUnauthorized
	})
}

func TestMessageCanBeChangedForAQuarterOfAnHour(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	seq := guest.Say(t, id, "teh")
	guest.Ask(t, id, map[string]any{"type": "edit", "message": seq, "text": "the"}).Decode(t, new(any))
	s.Clock.Advance(16 * time.Minute)
	for _, typ := range []string{"edit", "withdraw"} {
		if code := guest.Ask(t, id, map[string]any{"type": typ, "message": seq, "text": "x"}).Code(); code != deskside.CodeTooLate {
			t.Errorf("%s after 16 minutes: %q", typ, code)
		}
	}
}

// TestAgentIsOwnEndUser: somebody who tries their own link in the same browser
// is the end-user there and the agent in the Console.
func TestAgentIsOwnEndUser(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	id, card := agent.StartSession(t)
	you := agent.Join(t, card)
	path := "/api/sessions/" + string(id) + "/requests"
	agent.Post(t, path+"?as=end-user", map[string]any{"type": "post", "id": "a", "text": "from one side"}).Decode(t, new(any))
	agent.Post(t, path, map[string]any{"type": "post", "id": "a", "text": "from the other"}).Decode(t, new(any))
	events := agent.Events(t, id)
	first, second := events[len(events)-2], events[len(events)-1]
	if first.By != you || second.By == you {
		t.Errorf("said by %q and %q, the end-user is %q", first.By, second.By, you)
	}
}

// TestKnockersAreFew: one who fills the door up keeps nobody out by link.
func TestKnockersAreFew(t *testing.T) {
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	_, card := agent.StartSession(t)
	var code deskside.Code
	for range deskside.MaxKnocking + 1 {
		code = s.Browser(t).Post(t, "/api/knock", map[string]string{"key": card.Key}).Code()
	}
	if code != deskside.CodeTooMany {
		t.Errorf("the last who knocked: %q", code)
	}
	s.Browser(t).Join(t, card)
}

// TestReaderWhoDoesNotReadIsCut: a page that takes nothing in any more is cut,
// and the others don't notice.
func TestReaderWhoDoesNotReadIsCut(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	a, _ := agent.Live(t, id, 0)
	deaf := guest.DialDeaf(t, "/api/sessions/"+string(id)+"/live?after=0")
	defer deaf.Close()
	text := strings.Repeat("x", deskside.MaxText)
	for range 400 { // 1.6 MB: more than the buffers of both sides hold
		agent.Say(t, id, text)
		a.Event(t, "message") // the others get theirs all the same
	}
	servertest.Eventually(t, "the deaf reader is gone", func() bool {
		var pic struct{ Session deskside.Overview }
		agent.Get(t, "/api/sessions/"+string(id)).Decode(t, &pic)
		return pic.Session.EndUser == deskside.Offline
	}, 3*servertest.Wait)
}
