package deskside

import (
	"strings"
	"time"
	"unicode/utf8"
)

// An InvitationID names an invitation that the server sends. It is the same
// at each try, so that a gateway may recognise it.
type InvitationID string

// Means is how an invitation reaches somebody.
type Means string

// The means.
const (
	ByLink  Means = "link"  // copied by the agent
	BySMS   Means = "sms"   // a text message
	ByEmail Means = "email" // a mail
)

// InvitationState says how far an invitation has come:
// queued → sending → sent → delivered; refused and uncertain end it too, and a
// receipt that comes late still tells the truth.
type InvitationState string

// The states.
const (
	InvitationQueued    InvitationState = "queued"    // stored; no gateway knows of it
	InvitationSending   InvitationState = "sending"   // a gateway is being asked
	InvitationSent      InvitationState = "sent"      // the gateway took it
	InvitationDelivered InvitationState = "delivered" // the gateway says that it arrived
	InvitationRefused   InvitationState = "refused"   // it was not sent, or did not arrive
	InvitationUncertain InvitationState = "uncertain" // it may have been sent
)

// Why says why an invitation is where it is; the Console has words for each.
type Why string

// The reasons.
const (
	WhyGateway     Why = "gateway"     // refused: the gateway says no; InvitationMoved.Detail has its words
	WhyUndelivered Why = "undelivered" // refused: the gateway took it, and it did not arrive
	WhyUnreachable Why = "unreachable" // queued or refused: no gateway answers
	WhyBusy        Why = "busy"        // queued or refused: the gateway asks for patience
	WhyKeyDead     Why = "key-dead"    // refused: the link was not usable any more
	WhyNotNeeded   Why = "not-needed"  // refused: the session had started already
	WhyNoAnswer    Why = "no-answer"   // uncertain: the gateway was asked, and its answer is not known
	WhyNoGateway   Why = "no-gateway"  // refused: the server has no gateway for it any more
)

// An Invitation is one that the server sends.
type Invitation struct {
	ID         InvitationID    `json:"id"`
	Via        Means           `json:"via"`
	To         string          `json:"hidden"` // the address, mostly hidden
	Generation int             `json:"-"`      // of the key that it carries
	State      InvitationState `json:"state"`
	Why        Why             `json:"why,omitempty"`
	Detail     string          `json:"detail,omitempty"`
	Tries      int             `json:"tries"` // how often a gateway was asked
	Queued     time.Time       `json:"queued"`
	At         time.Time       `json:"at"` // when it came to its state

	unsure bool // an earlier try may have sent it
}

// Invitations returns what the server was told to send, in that order. The
// caller must not change them.
func (s *Session) Invitations() []*Invitation { return s.invitations }

// Invitation returns the one with the id, or nil.
func (s *Session) Invitation(id InvitationID) *Invitation {
	for _, i := range s.invitations {
		if i.ID == id {
			return i
		}
	}
	return nil
}

func (s *Session) applyInvitation(e *Event) {
	switch b := e.Body.(type) {
	case *Invited:
		if b.Invitation != "" {
			s.invitations = append(s.invitations, &Invitation{
				ID: b.Invitation, Via: b.Via, To: b.To, Generation: s.KeyGeneration,
				State: InvitationQueued, Queued: e.At, At: e.At,
			})
		}
	case *InvitationMoved:
		i := s.Invitation(b.Invitation)
		i.State, i.Why, i.Detail, i.At = b.State, b.Why, b.Detail, e.At
		if b.State == InvitationSending {
			i.Tries++
		}
		i.unsure = i.unsure || b.State == InvitationQueued && b.Why == WhyNoAnswer
	}
}

// MaxInvitations bounds how many invitations of one session the server sends.
const MaxInvitations = 50

// Invite decides to log how the agent took the invitation along, or that the
// server is to send it.
func (s *Session) Invite(i Invited, now time.Time) (Body, error) {
	switch i.Via {
	case ByLink, BySMS, ByEmail:
	default:
		return nil, Errorf(CodeInvalid, "An invitation goes by link, sms or email.")
	}
	if s.State(now) != StateWaiting {
		return nil, s.KeyUsable(s.KeyGeneration, now)
	}
	if i.Invitation != "" && len(s.invitations) >= MaxInvitations {
		return nil, Errorf(CodeTooMany, "This session has sent %d invitations already.", MaxInvitations)
	}
	return &i, nil
}

// Claim decides that whoever asks sends the invitation now, or that it is not
// to be sent any more. It returns nil where another has claimed it.
func (s *Session) Claim(id InvitationID, now time.Time) *InvitationMoved {
	i := s.Invitation(id)
	if i == nil || i.State != InvitationQueued {
		return nil
	}
	moved := &InvitationMoved{Invitation: id, State: InvitationSending}
	switch CodeOf(s.KeyUsable(i.Generation, now)) {
	case "":
	case CodeKeyInUse, CodeSessionEnded:
		moved.State, moved.Why = InvitationRefused, WhyNotNeeded
	default:
		moved.State, moved.Why = InvitationRefused, WhyKeyDead
	}
	i.admit(moved)
	return moved
}

// admit keeps a try that certainly failed from hiding an earlier one that may
// not have.
func (i *Invitation) admit(m *InvitationMoved) {
	if i.unsure && m.State == InvitationRefused && m.Why != WhyUndelivered {
		m.State, m.Why = InvitationUncertain, WhyNoAnswer
	}
}

// maxDetail bounds a gateway's own words, in characters.
const maxDetail = 200

// Move decides on what became of the invitation. It returns nil where that is
// known already, or can't be so any more: a receipt may come twice, late, or
// out of order.
func (s *Session) Move(m InvitationMoved) Body {
	i := s.Invitation(m.Invitation)
	if i == nil {
		return nil
	}
	i.admit(&m)
	if !mayMove(i.State, m.State) {
		return nil
	}
	m.Detail = cleanDetail(m.Detail)
	return &m
}

func mayMove(from, to InvitationState) bool {
	switch to {
	case InvitationQueued, InvitationUncertain:
		return from == InvitationSending
	case InvitationSent:
		return from == InvitationSending || from == InvitationUncertain
	case InvitationDelivered:
		return from == InvitationSending || from == InvitationSent || from == InvitationUncertain
	case InvitationRefused:
		return from == InvitationQueued || from == InvitationSending || from == InvitationSent || from == InvitationUncertain
	}
	return false
}

// cleanDetail makes one short line of what a gateway says.
func cleanDetail(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if utf8.RuneCountInString(text) > maxDetail {
		return string([]rune(text)[:maxDetail-1]) + "…"
	}
	return text
}

// HideAddress leaves as much of a phone number or an email address as its
// writer needs to recognise it.
func HideAddress(address string) string {
	if local, domain, ok := strings.Cut(address, "@"); ok {
		first, _ := utf8.DecodeRuneInString(local)
		return string(first) + "…@" + domain
	}
	if len(address) < 7 {
		return "…"
	}
	return address[:3] + "…" + address[len(address)-3:]
}

// Doubt decides to log that somebody with the link does not know the agent.
// It returns nil where that was logged a moment ago: one press is enough.
func (s *Session) Doubt(generation int, now time.Time) (Body, error) {
	if err := s.KeyUsable(generation, now); err != nil {
		return nil, err
	}
	if now.Sub(s.DoubtedAt) < AskEvery {
		return nil, nil
	}
	return &Doubted{}, nil
}

// AskEvery is how often somebody can ring at the agent of one session.
const AskEvery = 20 * time.Second

// AskForKey decides to log that somebody whose link or key is dead asks for a
// new one. It returns nil where somebody did a moment ago.
func (s *Session) AskForKey(generation int, now time.Time) (Body, error) {
	switch CodeOf(s.KeyUsable(generation, now)) {
	case CodeKeyExpired, CodeKeyRevoked, CodeSessionEnded:
	default:
		return nil, Errorf(CodeInvalid, "This Support Key still works.")
	}
	if now.Sub(s.AskedAt) < AskEvery {
		return nil, nil
	}
	return &KeyAsked{}, nil
}

// A Job is what the server has to do about an invitation, beside what the log
// says of it. Both are stored in one transaction.
type Job struct {
	Invitation InvitationID
	Session    SessionID
	Address    []byte    // sealed; erased with the addresses' retention
	Letter     []byte    // sealed; nil once it is needed no more, for it carries the link
	Due        time.Time // when something is to be done next; zero for never
	Reference  string    // how the gateway names it
	Polls      int       // how often the gateway was asked what became of it
}

// InvitationTexts are a team's own words in one language; an empty one stands
// for the shipped text.
type InvitationTexts struct {
	SMS     string `json:"sms"`
	Subject string `json:"subject"` // of a mail
	Mail    string `json:"mail"`
}

// A Letter is an invitation as a gateway carries it.
type Letter struct {
	Invitation InvitationID `json:"-"`                 // for gateways that recognise a repeated request
	To         string       `json:"to"`                // E.164, or an email address
	Subject    string       `json:"subject,omitempty"` // of a mail
	Text       string       `json:"text"`
	HTML       string       `json:"html,omitempty"`    // of a mail
	ReplyTo    string       `json:"replyTo,omitempty"` // the agent's email address
	ReplyName  string       `json:"replyName,omitempty"`
	Language   string       `json:"language,omitempty"` // BCP 47
	Receipts   string       `json:"receipts,omitempty"` // URL that takes delivery receipts
}

// A Posted is a gateway's answer that it took a Letter.
type Posted struct {
	Reference string        // how the gateway names it; may be empty
	PollAfter time.Duration // when to ask what became of it; 0 for never
}

// A Delivery is what a gateway says became of a Letter. An empty State is no
// news.
type Delivery struct {
	State  InvitationState // InvitationSent, InvitationDelivered or InvitationRefused
	Final  bool            // the gateway will know no more
	Detail string          // the gateway's own words
}

// A SendError says what is known of a Letter that a gateway did not take.
type SendError struct {
	State  InvitationState // InvitationRefused: not sent, for good. InvitationQueued: not sent, may be tried again. InvitationUncertain: may have been sent
	Why    Why
	Detail string        // the gateway's own words; without secrets
	After  time.Duration // with InvitationQueued: when the gateway wants to be asked again; 0 where it doesn't say
}

func (e *SendError) Error() string { return string(e.State) + ": " + string(e.Why) + ": " + e.Detail }
