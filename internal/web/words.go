package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"deskside"
)

// A wording is the texts of invitations in one language.
type wording struct {
	deskside.InvitationTexts
	language string
}

// variables are what a text of an invitation may name, in braces.
type variables struct{ agent, org, key, link, until, site, word string }

func (v variables) values() map[string]string {
	return map[string]string{"agent": v.agent, "org": v.org, "key": v.key, "link": v.link, "until": v.until, "site": v.site, "word": v.word}
}

// variableNames are those of variables, in the order in which they are shown.
var variableNames = []string{"agent", "org", "key", "link", "until", "site", "word"}

// The bounds of a team's own texts, in characters.
const (
	maxSMSText = 300
	maxSubject = 120
	maxMail    = 1000 // a mailto: link with it stays below 1,800
)

// shipped returns the texts that come with the server.
func (s *Server) shipped(language string) deskside.InvitationTexts {
	t := s.texts.of(language, "pages")
	return deskside.InvitationTexts{SMS: t["sms.body"], Subject: t["mail.subject"], Mail: t["mail.body"]}
}

// words returns the texts of a language: the team's own, where there are.
func (s *Server) words(ctx context.Context, language string) (wording, error) {
	own, err := s.Desk.Texts(ctx)
	return wording{orShipped(own[language], s.shipped(language)), language}, err
}

func orShipped(own, shipped deskside.InvitationTexts) deskside.InvitationTexts {
	for _, pair := range [][2]*string{{&own.SMS, &shipped.SMS}, {&own.Subject, &shipped.Subject}, {&own.Mail, &shipped.Mail}} {
		if *pair[0] == "" {
			*pair[0] = *pair[1]
		}
	}
	return own
}

// write fills a letter with what the wording says.
func (s *Server) write(w wording, via deskside.Means, v variables) (deskside.Letter, error) {
	if via == deskside.BySMS {
		return deskside.Letter{Text: render(w.SMS, v, " ")}, nil
	}
	letter := deskside.Letter{Subject: render(w.Subject, v, " "), Text: render(w.Mail, v, "\n\n")}
	var err error
	letter.HTML, err = s.mailHTML(w.language, letter, v.link)
	return letter, err
}

var (
	variable  = regexp.MustCompile(`\{([a-z]+)\}`)
	emptyWord = regexp.MustCompile(`\{word\}\s*`)
)

// render replaces the variables. A personal word for which the text has no
// place stands before it.
func render(text string, v variables, between string) string {
	switch {
	case v.word == "":
		text = emptyWord.ReplaceAllString(text, "")
	case between != " " || strings.Contains(text, "{link}"): // a subject has no place for it
		if !strings.Contains(text, "{word}") {
			text = "{word}" + between + text
		}
	}
	values := v.values()
	return strings.TrimSpace(variable.ReplaceAllStringFunc(text, func(name string) string { return values[name[1:len(name)-1]] }))
}

// checkWords refuses texts with which nobody could be invited.
func checkWords(t deskside.InvitationTexts) error {
	for _, text := range []struct {
		what, text string
		most       int
		link       bool
	}{{"text message", t.SMS, maxSMSText, true}, {"subject", t.Subject, maxSubject, false}, {"mail", t.Mail, maxMail, true}} {
		if utf8.RuneCountInString(text.text) > text.most {
			return deskside.Errorf(deskside.CodeTextTooLong, "The %s has at most %d characters.", text.what, text.most)
		}
		for _, name := range variable.FindAllStringSubmatch(text.text, -1) {
			if !slices.Contains(variableNames, name[1]) {
				return deskside.Errorf(deskside.CodeInvalid, "The %s names {%s}, which there is not. There are {%s}.", text.what, name[1], strings.Join(variableNames, "}, {"))
			}
		}
		if text.link && text.text != "" && !strings.Contains(text.text, "{link}") {
			return deskside.Errorf(deskside.CodeInvalid, "The %s needs {link}, else nobody finds the way.", text.what)
		}
	}
	if strings.ContainsAny(t.Subject, "\r\n") {
		return deskside.Errorf(deskside.CodeInvalid, "A subject is one line.")
	}
	return nil
}

// mailHTML returns a letter as a web page: its paragraphs, and its link as
// what can be pressed.
func (s *Server) mailHTML(language string, l deskside.Letter, link string) (string, error) {
	type paragraph struct {
		Lines []string
		Link  bool // it is the link and nothing else
	}
	var paragraphs []paragraph
	for _, text := range strings.Split(l.Text, "\n\n") {
		text = strings.TrimSpace(text)
		paragraphs = append(paragraphs, paragraph{strings.Split(text, "\n"), text == link})
	}
	t, ok := s.pages.templates["mail."+language]
	if !ok {
		return "", fmt.Errorf("there is no mail in %q", language)
	}
	data := struct {
		Lang, Dir, Org, Subject, Link string
		Paragraphs                    []paragraph
	}{language, direction(language), s.Organisation, l.Subject, link, paragraphs}
	var b bytes.Buffer
	err := t.Execute(&b, data)
	return b.String(), err
}

func direction(language string) string {
	if rightToLeft[language] {
		return "rtl"
	}
	return "ltr"
}

// ownWords are the texts of a language as the Console edits them.
type ownWords struct {
	Code string `json:"code"`
	Name string `json:"name"`
	deskside.InvitationTexts
	Shipped deskside.InvitationTexts `json:"shipped"`
}

func (s *Server) ownWords(language string, own deskside.InvitationTexts) ownWords {
	return ownWords{language, s.texts.of(language, "pages")["language."+language], own, s.shipped(language)}
}

// invitationTexts shows the texts of invitations.
func (s *Server) invitationTexts(w http.ResponseWriter, r *http.Request) error {
	own, err := s.Desk.Texts(r.Context())
	if err != nil {
		return err
	}
	var all []ownWords
	for _, language := range s.texts.languages() {
		all = append(all, s.ownWords(language, own[language]))
	}
	return writeJSON(w, struct {
		Languages []ownWords `json:"languages"`
		Variables []string   `json:"variables"`
	}{all, variableNames})
}

// setInvitationTexts replaces the team's own texts of one language.
func (s *Server) setInvitationTexts(w http.ResponseWriter, r *http.Request) error {
	language, texts, err := s.readWords(r)
	if err != nil {
		return err
	}
	if err := s.Desk.SetTexts(r.Context(), by(r), language, texts); err != nil {
		return err
	}
	return writeJSON(w, s.ownWords(language, texts))
}

// readWords reads texts that an administrator wrote.
func (s *Server) readWords(r *http.Request) (language string, t deskside.InvitationTexts, err error) {
	language = r.PathValue("language")
	switch {
	case !by(r).Admin:
		err = deskside.Errorf(deskside.CodeForbidden, "Only an administrator changes the texts of invitations.")
	case !slices.Contains(s.texts.languages(), language):
		err = deskside.Errorf(deskside.CodeNotFound, "There are no texts in this language.")
	default:
		err = readJSON(r, &t)
	}
	if err == nil {
		t = deskside.InvitationTexts{SMS: clean(t.SMS), Subject: clean(t.Subject), Mail: clean(t.Mail)}
		err = checkWords(t)
	}
	return language, t, err
}

func clean(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n"))
}

// checkInvitationTexts shows what texts lead to, with made-up values.
func (s *Server) checkInvitationTexts(w http.ResponseWriter, r *http.Request) error {
	language, texts, err := s.readWords(r)
	if err != nil {
		return err
	}
	words := wording{orShipped(texts, s.shipped(language)), language}
	sample := variables{
		agent: by(r).Name, org: s.Organisation, key: "123-456-789", link: s.link(strings.Repeat("A", 26)), until: "15:04", site: s.BaseURL.String(),
	}
	sms, err := s.write(words, deskside.BySMS, sample)
	if err != nil {
		return err
	}
	mail, err := s.write(words, deskside.ByEmail, sample)
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		SMS     string             `json:"sms"`
		Subject string             `json:"subject"`
		Mail    string             `json:"mail"`
		HTML    string             `json:"html"`
		Length  deskside.SMSLength `json:"length"`
	}{sms.Text, mail.Subject, mail.Text, mail.HTML, deskside.LengthOfSMS(sms.Text)})
}
