package web

import (
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"deskside"
	"deskside/internal/desk"
)

// maxWord bounds the personal word in an invitation, in characters.
const maxWord = 100

// wanted is an invitation as an agent asks for it.
type wanted struct {
	ID       string                `json:"id"` // of the request
	Via      deskside.Means        `json:"via"`
	To       string                `json:"to"`
	Country  string                `json:"country"`
	Language string                `json:"language"`
	Word     string                `json:"word"`
	Again    deskside.InvitationID `json:"again"` // send one like it
}

// An addressee is somebody's address, checked.
type addressee struct {
	to      string // E.164, or an email address
	valid   bool   // false is a doubt, no refusal
	regions []string
}

// checkInvitation shows an invitation as it would go out, and checks its
// address where there is one yet.
func (s *Server) checkInvitation(w http.ResponseWriter, r *http.Request) error {
	want, err := s.readWanted(r)
	if err != nil {
		return err
	}
	var to addressee
	if strings.TrimSpace(want.To) != "" { // the message can be seen before the address is known
		if to, err = addressOf(want); err != nil {
			return err
		}
	}
	letter, _, err := s.letter(r, want)
	if err != nil {
		return err
	}
	answer := struct {
		Typed   string              `json:"typed"`
		Address string              `json:"address"`
		Valid   bool                `json:"valid"`
		Subject string              `json:"subject,omitempty"`
		Text    string              `json:"text"`
		SMS     *deskside.SMSLength `json:"sms,omitempty"`
		Href    string              `json:"href"`
		QR      string              `json:"qr,omitempty"`
	}{Typed: want.To, Address: to.to, Valid: to.valid, Subject: letter.Subject, Text: letter.Text}
	if want.Via == deskside.ByEmail {
		answer.Href = mailto(to.to, letter)
		return writeJSON(w, answer)
	}
	length := deskside.LengthOfSMS(letter.Text)
	answer.SMS = &length
	// RFC 5724 knows no body; "?body=" is what Android and iOS since 8 take.
	answer.Href = "sms:" + to.to + "?body=" + mailEscape(letter.Text)
	if answer.QR, err = qrDataURL(answer.Href); err != nil {
		return err
	}
	return writeJSON(w, answer)
}

// sendInvitation has the server send an invitation.
func (s *Server) sendInvitation(w http.ResponseWriter, r *http.Request) error {
	want, err := s.readWanted(r)
	if err != nil {
		return err
	}
	to, err := addressOf(want)
	if err != nil {
		return err
	}
	if want.Via == deskside.BySMS && !s.goesTo(to) {
		return deskside.Errorf(deskside.CodeCountry, "This server sends no text messages to the country of %s.", want.To)
	}
	letter, generation, err := s.letter(r, want)
	if err != nil {
		return err
	}
	event, err := s.Desk.Send(r.Context(), by(r), sessionOf(r), want.ID, desk.Draft{
		Address:    desk.Address{Typed: want.To, To: to.to, Country: want.Country, Language: want.Language, Word: want.Word},
		Via:        want.Via,
		Generation: generation,
		Letter:     letter,
		ReceiptsAt: s.BaseURL.JoinPath("receipts").String(),
	})
	if err != nil {
		return err
	}
	invited, ok := event.Body.(*deskside.Invited)
	if !ok {
		return fmt.Errorf("an invitation led to %s", event.Body.Type())
	}
	return writeJSON(w, struct {
		Invitation deskside.InvitationID `json:"invitation"`
		Seq        int64                 `json:"seq"`
	}{invited.Invitation, event.Seq})
}

// readWanted reads what is wanted. Where it is another one like an earlier,
// the rest comes from that.
func (s *Server) readWanted(r *http.Request) (wanted, error) {
	var want wanted
	if err := readJSON(r, &want); err != nil {
		return want, err
	}
	if want.Again != "" {
		a, via, err := s.Desk.SentTo(r.Context(), by(r), sessionOf(r), want.Again)
		if err != nil {
			return want, err
		}
		want = wanted{ID: want.ID, Via: via, To: a.Typed, Country: a.Country, Language: a.Language, Word: a.Word}
	}
	if !slices.Contains(s.texts.languages(), want.Language) {
		want.Language = s.texts.language(r)
	}
	want.Word = strings.Join(strings.Fields(want.Word), " ")
	if utf8.RuneCountInString(want.Word) > maxWord || !utf8.ValidString(want.Word) {
		return want, deskside.Errorf(deskside.CodeTextTooLong, "A personal word has at most %d characters.", maxWord)
	}
	return want, nil
}

// addressOf checks where an invitation is to go.
func addressOf(want wanted) (addressee, error) {
	switch want.Via {
	case deskside.BySMS:
		return phoneNumber(want.To, want.Country)
	case deskside.ByEmail:
		return emailAddress(want.To)
	}
	return addressee{}, deskside.Errorf(deskside.CodeInvalid, "The server sends invitations by sms or email.")
}

// phoneNumber reads a number in any way of writing. It only has to be
// possible: official example numbers are not valid.
func phoneNumber(typed, country string) (addressee, error) {
	number, err := phonenumbers.Parse(typed, strings.ToUpper(country))
	if err != nil || phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return addressee{}, deskside.Errorf(deskside.CodeInvalid, "%q can't be a phone number.", typed)
	}
	to := addressee{to: phonenumbers.Format(number, phonenumbers.E164), valid: phonenumbers.IsValidNumber(number)}
	if region := phonenumbers.GetRegionCodeForNumber(number); region != "" {
		to.regions = []string{region}
		return to, nil
	}
	to.regions = phonenumbers.GetRegionCodesForCountryCode(int(number.GetCountryCode())) // which of them is not known
	return to, nil
}

// goesTo says whether text messages to the number are allowed.
func (s *Server) goesTo(to addressee) bool {
	if len(s.SMSCountries) == 0 {
		return true
	}
	return slices.ContainsFunc(to.regions, func(r string) bool { return slices.Contains(s.SMSCountries, r) })
}

// emailAddress checks an address as RFC 5322 writes it, without a name.
func emailAddress(typed string) (addressee, error) {
	trimmed := strings.TrimSpace(typed)
	parsed, err := mail.ParseAddress(trimmed)
	if err != nil || parsed.Address != trimmed || len(trimmed) > deskside.MaxEmail || strings.ContainsFunc(trimmed, unicode.IsControl) {
		return addressee{}, deskside.Errorf(deskside.CodeInvalid, "%q is no email address.", typed)
	}
	_, domain, _ := strings.Cut(trimmed, "@")
	return addressee{to: trimmed, valid: strings.Contains(strings.Trim(domain, "."), ".")}, nil
}

// letter writes an invitation with the session's key as it is. generation
// names that key.
func (s *Server) letter(r *http.Request, want wanted) (letter deskside.Letter, generation int, err error) {
	card, err := s.Desk.KeyCard(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return letter, 0, err
	}
	if card.Token == "" {
		return letter, 0, deskside.Errorf(deskside.CodeKeyInUse, "This session has no link to send any more.")
	}
	words, err := s.words(r.Context(), want.Language)
	if err != nil {
		return letter, 0, err
	}
	agent, err := s.agent(r)
	if err != nil {
		return letter, 0, err
	}
	letter, err = s.write(words, want.Via, variables{
		agent: agent.Name, org: s.Organisation, key: card.Key.String(), link: s.link(card.Token),
		until: card.Expires.Local().Format("15:04 MST"), site: s.BaseURL.String(), word: want.Word,
	})
	letter.Language, letter.ReplyTo, letter.ReplyName = want.Language, agent.Email, agent.Name
	return letter, card.Generation, err
}

// mailto returns the address that opens a letter in the agent's own mail
// program (RFC 6068).
func mailto(to string, l deskside.Letter) string {
	return "mailto:" + strings.ReplaceAll(mailEscape(to), "%40", "@") +
		"?subject=" + mailEscape(l.Subject) + "&body=" + mailEscape(strings.ReplaceAll(l.Text, "\n", "\r\n"))
}
