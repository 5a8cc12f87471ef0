package deskside

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of what is said.
const (
	MaxText      = 4000             // characters (Unicode code points) in a message
	MaxURL       = 2000             // bytes in a pushed link
	MaxEmoji     = 32               // bytes in a reaction
	MaxRequestID = 64               // bytes in a request id
	EditableFor  = 15 * time.Minute // a writer may edit or withdraw a message this long
)

// lastTextLength is how much of the last message lists show, in characters.
const lastTextLength = 120

// A messageMark is what the rules need to know of a message.
type messageMark struct {
	seq       int64
	at        time.Time
	by        ParticipantID
	link      bool // a LinkPushed, which has no text to edit
	withdrawn bool
}

func (s *Session) applyMessage(e *Event) {
	switch b := e.Body.(type) {
	case *Message:
		s.messages = append(s.messages, messageMark{seq: e.Seq, at: e.At, by: e.By, withdrawn: b.Withdrawn})
		s.said(e, b.Text)
	case *LinkPushed:
		s.messages = append(s.messages, messageMark{seq: e.Seq, at: e.At, by: e.By, link: true, withdrawn: b.Withdrawn})
		s.said(e, b.URL)
	case *Edited:
		if s.lastMessage() == b.Message {
			s.LastText = clip(b.Text)
		}
	case *Withdrawn:
		if i := s.find(b.Message); i >= 0 {
			s.messages[i].withdrawn = true
		}
		if s.lastMessage() == b.Message {
			s.LastText = ""
		}
	}
}

func (s *Session) said(e *Event, text string) {
	s.LastText = clip(text)
	if p := s.Participant(e.By); p != nil && p.Role == RoleEndUser {
		s.Unanswered++
	} else {
		s.Unanswered = 0
	}
}

func (s *Session) lastMessage() int64 {
	if len(s.messages) == 0 {
		return 0
	}
	return s.messages[len(s.messages)-1].seq
}

func clip(text string) string {
	n := 0
	for i := range text {
		if n++; n > lastTextLength {
			return text[:i]
		}
	}
	return text
}

// MaySpeak says whether by may say something now; else the error says why not.
func (s *Session) MaySpeak(by ParticipantID, now time.Time) error {
	p := s.Participant(by)
	if p == nil || p.Role == RoleEndUser && !p.In() {
		return Errorf(CodeForbidden, "You take no part in this session.")
	}
	return s.Open(now)
}

// Post decides on a message.
func (s *Session) Post(by ParticipantID, text string, now time.Time) (Body, error) {
	if err := s.MaySpeak(by, now); err != nil {
		return nil, err
	}
	if err := checkText(text, MaxText); err != nil {
		return nil, err
	}
	return &Message{Text: text}, nil
}

// PushLink decides to offer a web address (http or https).
func (s *Session) PushLink(by ParticipantID, address string, now time.Time) (Body, error) {
	if err := s.MaySpeak(by, now); err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || len(address) > MaxURL || !utf8.ValidString(address) {
		return nil, Errorf(CodeInvalid, "A link starts with http:// or https:// and names a host.")
	}
	if u.User != nil { // https://bank.example@evil.example/ reads as another host
		return nil, Errorf(CodeInvalid, "A link can't carry a user name.")
	}
	return &LinkPushed{URL: address}, nil
}

// WriteNote decides on a note for agents; it may be written before the start
// and after the end too.
func (s *Session) WriteNote(text string) (Body, error) {
	if err := checkText(text, MaxText); err != nil {
		return nil, err
	}
	return &Noted{Text: text}, nil
}

// Edit decides on a new text for a message.
func (s *Session) Edit(by ParticipantID, message int64, text string, now time.Time) (Body, error) {
	if err := s.mine(by, message, now); err != nil {
		return nil, err
	}
	if s.messages[s.find(message)].link {
		return nil, Errorf(CodeInvalid, "A link can't be edited. Withdraw it and send another.")
	}
	if err := checkText(text, MaxText); err != nil {
		return nil, err
	}
	return &Edited{Message: message, Text: text}, nil
}

// Withdraw decides to take a message back.
func (s *Session) Withdraw(by ParticipantID, message int64, now time.Time) (Body, error) {
	if err := s.mine(by, message, now); err != nil {
		return nil, err
	}
	return &Withdrawn{Message: message}, nil
}

// mine says whether by may still change the message.
func (s *Session) mine(by ParticipantID, message int64, now time.Time) error {
	if err := s.MaySpeak(by, now); err != nil {
		return err
	}
	i := s.find(message)
	switch {
	case i < 0 || s.messages[i].withdrawn:
		return Errorf(CodeNotFound, "There is no such message.")
	case s.messages[i].by != by:
		return Errorf(CodeForbidden, "Only its writer can change a message.")
	case now.Sub(s.messages[i].at) > EditableFor:
		return Errorf(CodeTooLate, "A message can be changed for 15 minutes.")
	}
	return nil
}

// React decides on by's reaction to a message; an empty emoji removes it.
func (s *Session) React(by ParticipantID, message int64, emoji string, now time.Time) (Body, error) {
	if err := s.MaySpeak(by, now); err != nil {
		return nil, err
	}
	if i := s.find(message); i < 0 || s.messages[i].withdrawn {
		return nil, Errorf(CodeNotFound, "There is no such message.")
	}
	if len(emoji) > MaxEmoji || !utf8.ValidString(emoji) || strings.ContainsFunc(emoji, func(r rune) bool { return r < 0x80 }) {
		return nil, Errorf(CodeInvalid, "A reaction is one emoji.")
	}
	return &Reacted{Message: message, Emoji: emoji}, nil
}

// Redact returns e as anybody may read it: without its text or address where
// the message was withdrawn later.
func (s *Session) Redact(e Event) Event {
	switch b := e.Body.(type) {
	case *Message:
		if i := s.find(e.Seq); i >= 0 && s.messages[i].withdrawn {
			return e.with(&Message{Withdrawn: true})
		}
	case *LinkPushed:
		if i := s.find(e.Seq); i >= 0 && s.messages[i].withdrawn {
			return Event{Seq: e.Seq, At: e.At, By: e.By, ID: e.ID, Body: &LinkPushed{Withdrawn: true}}
		}
	case *Edited:
		if i := s.find(b.Message); i >= 0 && s.messages[i].withdrawn {
			return e.with(&Edited{Message: b.Message, Withdrawn: true})
		}
	}
	return e
}

// checkText refuses what is no text of 1 to limit characters.
func checkText(text string, limit int) error {
	switch {
	case !utf8.ValidString(text):
		return Errorf(CodeTextNotUTF8, "The text is not valid Unicode.")
	case strings.TrimSpace(text) == "":
		return Errorf(CodeTextEmpty, "There is no text.")
	case utf8.RuneCountInString(text) > limit:
		return Errorf(CodeTextTooLong, "The text has %d characters; %d are allowed.", utf8.RuneCountInString(text), limit)
	}
	return nil
}
