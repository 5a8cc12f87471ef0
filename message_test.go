package deskside_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskside"
)

// said is an active session with guest's message 3 and ada's link 4, both of
// minute 2.
func said() *deskside.Session {
	s := active()
	happen(s, at(2), guest, &deskside.Message{Text: "My pasword is hunter2"})
	happen(s, at(2), ada, &deskside.LinkPushed{URL: "https://example.org/"})
	return s
}

func TestWhatMayBeSaid(t *testing.T) {
	long := strings.Repeat("ä", deskside.MaxText)
	withdrawn := said()
	happen(withdrawn, at(3), guest, &deskside.Withdrawn{Message: 3})
	door := knocked(active(), deskside.ViaLink)
	type rule func() (deskside.Body, error)
	post := func(s *deskside.Session, by deskside.ParticipantID, text string) rule {
		return func() (deskside.Body, error) { return s.Post(by, text, at(6)) }
	}
	link := func(address string) rule {
		return func() (deskside.Body, error) { return active().PushLink(ada, address, at(6)) }
	}
	edit := func(s *deskside.Session, by deskside.ParticipantID, message int64, text string, minute int) rule {
		return func() (deskside.Body, error) { return s.Edit(by, message, text, at(minute)) }
	}
	withdraw := func(s *deskside.Session, by deskside.ParticipantID, message int64, minute int) rule {
		return func() (deskside.Body, error) { return s.Withdraw(by, message, at(minute)) }
	}
	react := func(s *deskside.Session, message int64, emoji string) rule {
		return func() (deskside.Body, error) { return s.React(ada, message, emoji, at(6)) }
	}
	for _, c := range []struct {
		name string
		rule rule
		want deskside.Body
		code deskside.Code
	}{
		{"post", post(active(), guest, "Hello"), &deskside.Message{Text: "Hello"}, ""},
		{"post the longest", post(active(), ada, long), &deskside.Message{Text: long}, ""},
		{"post too much", post(active(), ada, long+"ä"), nil, deskside.CodeTextTooLong},
		{"post nothing", post(active(), ada, " \n\t\u00a0"), nil, deskside.CodeTextEmpty},
		{"post bytes", post(active(), ada, "caf\xe9"), nil, deskside.CodeTextNotUTF8},
		{"post before the start", post(waiting(), ada, "Hello"), nil, deskside.CodeNotStarted},
		{"post after the end", post(ended(), guest, "Hello"), nil, deskside.CodeSessionEnded},
		{"post as a stranger", post(active(), "STRANGER", "Hello"), nil, deskside.CodeForbidden},
		{"post from the door", post(door, second, "Hello"), nil, deskside.CodeForbidden},

		{"link", link("https://example.org/a?b=c#d"), &deskside.LinkPushed{URL: "https://example.org/a?b=c#d"}, ""},
		{"link to a script", link("javascript:alert(1)"), nil, deskside.CodeInvalid},
		{"link to a file", link("file:///etc/passwd"), nil, deskside.CodeInvalid},
		{"link without a host", link("https://"), nil, deskside.CodeInvalid},
		{"link to a port only", link("https://:443/"), nil, deskside.CodeInvalid},
		{"link that looks like another", link("https://bank.example@evil.example/"), nil, deskside.CodeInvalid},
		{"link that is too long", link("https://example.org/" + strings.Repeat("a", deskside.MaxURL)), nil, deskside.CodeInvalid},
		{"link to nowhere", link("example"), nil, deskside.CodeInvalid},

		{"edit", edit(said(), guest, 3, "My printer is stuck", 6), &deskside.Edited{Message: 3, Text: "My printer is stuck"}, ""},
		{"edit at the last moment", edit(said(), guest, 3, "x", 17), &deskside.Edited{Message: 3, Text: "x"}, ""},
		{"edit too late", edit(said(), guest, 3, "x", 18), nil, deskside.CodeTooLate},
		{"edit to nothing", edit(said(), guest, 3, "", 6), nil, deskside.CodeTextEmpty},
		{"edit what another wrote", edit(said(), ada, 3, "x", 6), nil, deskside.CodeForbidden},
		{"edit a link", edit(said(), ada, 4, "x", 6), nil, deskside.CodeInvalid},
		{"edit what is no message", edit(said(), guest, 2, "x", 6), nil, deskside.CodeNotFound},
		{"edit the future", edit(said(), guest, 99, "x", 6), nil, deskside.CodeNotFound},
		{"edit what was withdrawn", edit(withdrawn, guest, 3, "x", 6), nil, deskside.CodeNotFound},

		{"withdraw", withdraw(said(), guest, 3, 6), &deskside.Withdrawn{Message: 3}, ""},
		{"withdraw a link", withdraw(said(), ada, 4, 6), &deskside.Withdrawn{Message: 4}, ""},
		{"withdraw too late", withdraw(said(), guest, 3, 18), nil, deskside.CodeTooLate},
		{"withdraw what another wrote", withdraw(said(), ada, 3, 6), nil, deskside.CodeForbidden},
		{"withdraw twice", withdraw(withdrawn, guest, 3, 6), nil, deskside.CodeNotFound},

		{"react", react(said(), 3, "👍🏽"), &deskside.Reacted{Message: 3, Emoji: "👍🏽"}, ""},
		{"react no more", react(said(), 3, ""), &deskside.Reacted{Message: 3}, ""},
		{"react with markup", react(said(), 3, "<b>"), nil, deskside.CodeInvalid},
		{"react with a novel", react(said(), 3, strings.Repeat("👍", 9)), nil, deskside.CodeInvalid},
		{"react with bytes", react(said(), 3, "\xf0\x9f"), nil, deskside.CodeInvalid},
		{"react to nothing", react(said(), 1, "👍"), nil, deskside.CodeNotFound},
		{"react to what was withdrawn", react(withdrawn, 3, "👍"), nil, deskside.CodeNotFound},

		{"note before the start", func() (deskside.Body, error) { return waiting().WriteNote("VIP") }, &deskside.Noted{Text: "VIP"}, ""},
		{"note without text", func() (deskside.Body, error) { return active().WriteNote("") }, nil, deskside.CodeTextEmpty},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := c.rule()
			checkRule(t, body, err, c.want, c.code)
		})
	}
}

// TestWithdrawnIsHiddenFromAll looks for the words in everything that leaves
// the server.
func TestWithdrawnIsHiddenFromAll(t *testing.T) {
	log := []deskside.Event{
		{Seq: 1, At: start, By: ada, Body: &created},
		{Seq: 2, At: at(1), By: guest, Body: &arrived},
		{Seq: 3, At: at(2), By: guest, ID: "r", Body: &deskside.Message{Text: "hunter2"}},
		{Seq: 4, At: at(2), By: guest, Body: &deskside.Edited{Message: 3, Text: "hunter3"}},
		{Seq: 5, At: at(2), By: guest, Body: &deskside.Message{Text: "stays"}},
		{Seq: 6, At: at(2), By: guest, Body: &deskside.LinkPushed{URL: "https://hunter.example/"}},
		{Seq: 7, At: at(3), By: guest, Body: &deskside.Withdrawn{Message: 3}},
		{Seq: 8, At: at(3), By: guest, Body: &deskside.Withdrawn{Message: 6}},
	}
	var s, again deskside.Session
	for i := range log {
		s.Apply(&log[i])
	}
	for _, e := range log {
		shown := s.Redact(e)
		text, err := shown.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "hunter") {
			t.Errorf("event %d shows what was withdrawn: %s", e.Seq, text)
		}
		if shown.Seq != e.Seq || shown.By != e.By || shown.ID != e.ID || !shown.At.Equal(e.At) || shown.Body.Type() != e.Body.Type() {
			t.Errorf("event %d became %s", e.Seq, text)
		}
		again.Apply(&shown)
	}
	if diff := cmp.Diff(log[4], s.Redact(log[4]), cmpopts.IgnoreUnexported(deskside.Event{})); diff != "" {
		t.Errorf("another message changed (-was +is):\n%s", diff)
	}
	for name, o := range map[string]deskside.Overview{"the log": s.Overview(at(4)), "what is shown": again.Overview(at(4))} {
		if strings.Contains(o.LastText, "hunter") {
			t.Errorf("the list, folded from %s, shows %q", name, o.LastText)
		}
	}
	if _, err := again.Edit(guest, 3, "x", at(4)); deskside.CodeOf(err) != deskside.CodeNotFound {
		t.Errorf("a fold of what is shown does not know that 3 is withdrawn: %v", err)
	}
}

func TestLastTextFollowsEditsAndIsCut(t *testing.T) {
	s := said()
	happen(s, at(3), guest, &deskside.Edited{Message: 3, Text: "older"})
	if s.LastText != "https://example.org/" {
		t.Errorf("an edit of an older message shows as the last: %q", s.LastText)
	}
	happen(s, at(4), ada, &deskside.Message{Text: strings.Repeat("ä", 500)})
	if want := strings.Repeat("ä", 120); s.LastText != want {
		t.Errorf("last text has %d bytes, want %d", len(s.LastText), len(want))
	}
	happen(s, at(5), ada, &deskside.Edited{Message: s.Number, Text: "short"})
	if s.LastText != "short" {
		t.Errorf("last text %q after the edit", s.LastText)
	}
}
