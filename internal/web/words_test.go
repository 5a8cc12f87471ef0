package web

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"deskside"
	files "deskside/web"
)

// newWriter returns a server that can write invitations, and no more.
func newWriter(t *testing.T) *Server {
	t.Helper()
	texts, err := loadCatalogues(files.Files, "en")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := loadPages(files.Files, texts, &brand{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{texts: texts, pages: pages}
	s.Organisation, s.BaseURL = "Example", &url.URL{Scheme: "https", Host: "support.example.org"}
	return s
}

var sample = variables{agent: "Ada", org: "Example", key: "123-456-789", link: "https://support.example.org/j/X", until: "15:04", site: "https://support.example.org"}

func TestRender(t *testing.T) {
	word := sample
	word.word = "From our call: {key} $1"
	for _, test := range []struct {
		name, text string
		v          variables
		between    string
		want       string
	}{
		{"variables", "{agent} of {org}: {link}", sample, " ", "Ada of Example: https://support.example.org/j/X"},
		{"no word", "{word} Open {link}", sample, " ", "Open https://support.example.org/j/X"},
		{"no word, in a mail", "Hello,\n\n{word}\n\nOpen {link}", sample, "\n\n", "Hello,\n\nOpen https://support.example.org/j/X"},
		{"a word, and nothing in it is filled in", "{word} Open {link}", word, " ", "From our call: {key} $1 Open https://support.example.org/j/X"},
		{"a word without a place", "Open {link}", word, " ", "From our call: {key} $1 Open https://support.example.org/j/X"},
		{"a word without a place, in a mail", "Open {link}", word, "\n\n", "From our call: {key} $1\n\nOpen https://support.example.org/j/X"},
		{"a word and a subject", "Support from {org}", word, " ", "Support from Example"},
		{"braces that name nothing", "{ } {Link} {}", sample, " ", "{ } {Link} {}"},
	} {
		if got := render(test.text, test.v, test.between); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCheckWords(t *testing.T) {
	for _, test := range []struct {
		name string
		t    deskside.InvitationTexts
		want deskside.Code
	}{
		{"nothing of their own", deskside.InvitationTexts{}, ""},
		{"good", deskside.InvitationTexts{SMS: "{agent}: {link}", Subject: "{org}", Mail: "Hi\n\n{link}"}, ""},
		{"no link in the text message", deskside.InvitationTexts{SMS: "Hello"}, deskside.CodeInvalid},
		{"no link in the mail", deskside.InvitationTexts{Mail: "Hello {key}"}, deskside.CodeInvalid},
		{"no such variable", deskside.InvitationTexts{SMS: "{link} {password}"}, deskside.CodeInvalid},
		{"two lines of subject", deskside.InvitationTexts{Subject: "a\nBcc: b"}, deskside.CodeInvalid},
		{"a long text message", deskside.InvitationTexts{SMS: "{link}" + strings.Repeat("x", 300)}, deskside.CodeTextTooLong},
	} {
		if err := checkWords(test.t); deskside.CodeOf(err) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestInvitationFitsOneMessage: with a base URL of 40 characters and names of
// 20 the text is one message, and the link stands last, without a full stop.
func TestInvitationFitsOneMessage(t *testing.T) {
	s := newWriter(t)
	v := sample
	v.org, v.agent = strings.Repeat("o", 20), strings.Repeat("a", 20)
	v.site = "https://" + strings.Repeat("x", 32)
	v.link = v.site + "/j/" + strings.Repeat("A", 26)
	for _, language := range s.texts.languages() {
		words := wording{s.shipped(language), language}
		sms, err := s.write(words, deskside.BySMS, v)
		if err != nil {
			t.Fatal(err)
		}
		if n := deskside.LengthOfSMS(sms.Text); n.Parts != 1 || n.Unicode || !strings.HasSuffix(sms.Text, v.link) {
			t.Errorf("%s: %+v: %s", language, n, sms.Text)
		}
		mail, err := s.write(words, deskside.ByEmail, v)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(mailto("somebody@example.org", mail)); n > 1800 {
			t.Errorf("%s: the mailto link has %d characters", language, n)
		}
	}
}

// TestMailHTML: the page says what the text says, and what people wrote in it
// stays text.
func TestMailHTML(t *testing.T) {
	s := newWriter(t)
	v := sample
	v.agent, v.word = `<img src=x onerror=alert(1)>`, `"quoted" & <b>bold</b>`
	for _, language := range s.texts.languages() {
		mail, err := s.write(wording{s.shipped(language), language}, deskside.ByEmail, v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(mail.HTML, "<img") || strings.Contains(mail.HTML, "<b>bold") {
			t.Errorf("%s: what somebody wrote became a part of the page:\n%s", language, mail.HTML)
		}
		if n := strings.Count(mail.HTML, `href="`+v.link+`"`); n != 2 {
			t.Errorf("%s: %d links:\n%s", language, n, mail.HTML)
		}
		for _, line := range strings.Split(mail.Text, "\n") {
			if !strings.Contains(html.UnescapeString(mail.HTML), line) {
				t.Errorf("%s: the page lacks %q", language, line)
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		via               deskside.Means
		to, country, want string
		valid             bool
	}{
		{deskside.BySMS, "0151 23456789", "DE", "+4915123456789", true},
		{deskside.BySMS, "+49 (0)151/2345 67-89", "US", "+4915123456789", true},
		{deskside.BySMS, "0049 151 23456789", "de", "+4915123456789", true},
		{deskside.BySMS, "(202) 555-0134", "US", "+12025550134", true},
		{deskside.BySMS, "07700 900123", "GB", "+447700900123", false}, // an official example
		{deskside.BySMS, "12", "DE", "", false},
		{deskside.BySMS, "call me", "DE", "", false},
		{deskside.BySMS, "", "DE", "", false},
		{deskside.ByEmail, " Grace@Example.org ", "", "Grace@Example.org", true},
		{deskside.ByEmail, "grace@localhost", "", "grace@localhost", false},
		{deskside.ByEmail, "Grace <grace@example.org>", "", "", false},
		{deskside.ByEmail, "a@example.org,b@example.org", "", "", false},
		{deskside.ByEmail, "a@example.org\r\nBcc: b@example.org", "", "", false},
		{deskside.ByEmail, "grace", "", "", false},
	} {
		got, err := addressOf(wanted{Via: test.via, To: test.to, Country: test.country})
		if got.to != test.want || got.valid != test.valid || (err == nil) != (test.want != "") {
			t.Errorf("%s %q: %+v, %v", test.via, test.to, got, err)
		}
	}
}

func TestGoesTo(t *testing.T) {
	s := &Server{}
	for _, test := range []struct {
		allowed, number string
		want            bool
	}{
		{"", "+4915123456789", true}, {"DE", "+4915123456789", true}, {"AT", "+4915123456789", false},
		{"US", "+12025550134", true}, {"US", "+18762345678", false}, // Jamaica shares +1
		{"GB", "+447700900123", true}, // not valid, but nowhere else
	} {
		s.SMSCountries = strings.Fields(test.allowed)
		to, err := phoneNumber(test.number, "")
		if err != nil || s.goesTo(to) != test.want {
			t.Errorf("%s to %q: %v, %v", test.number, test.allowed, s.goesTo(to), err)
		}
	}
}
