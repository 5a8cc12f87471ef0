package deskside

import "time"

// Standing says whether somebody takes part.
type Standing string

// The standings.
const (
	Knocking Standing = "knocking" // waits for the agent
	Entering Standing = "admitted" // admitted, and not in yet
	Turned   Standing = "refused"  // turned away
	Taking   Standing = "here"     // takes part
	Gone     Standing = "left"     // takes part, and has had no connection for LeaveAfter
)

// Presence says how reachable a participant is right now.
type Presence string

// The presences.
const (
	Here    Presence = "here"
	Away    Presence = "away" // connected, and no page of theirs is in view
	Offline Presence = "gone" // no connection
)

// A Participant is somebody of one session.
type Participant struct {
	ID       ParticipantID `json:"id"`
	Role     Role          `json:"role"`
	Name     string        `json:"name,omitempty"`
	Standing Standing      `json:"standing"`
	Via      Via           `json:"via,omitempty"`
	Check    string        `json:"check,omitempty"` // while knocking
	Since    time.Time     `json:"since,omitzero"`  // when they knocked
	// Equipment is what their browser can show, where it said so.
	Equipment *Equipped `json:"-"`

	left time.Time // when they left last
}

// In says whether p takes part in the conversation, connected or not.
func (p *Participant) In() bool { return p.Standing == Taking || p.Standing == Gone }

// MaxKnocking bounds the people who wait at one session's door.
const MaxKnocking = 5

// Participant returns who has the id, or nil. The caller must not change it.
func (s *Session) Participant(id ParticipantID) *Participant {
	for _, p := range s.participants {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Participants returns everybody who ever knocked or took part, in the order
// in which they came. The caller must not change them.
func (s *Session) Participants() []*Participant { return s.participants }

func (s *Session) knocking() (n int) {
	for _, p := range s.participants {
		if p.Standing == Knocking {
			n++
		}
	}
	return n
}

func (s *Session) applyParticipant(e *Event) {
	switch b := e.Body.(type) {
	case *Knocked:
		s.participants = append(s.participants, &Participant{
			ID: b.Participant, Role: RoleEndUser, Standing: Knocking, Via: b.Via, Check: b.Check, Since: e.At,
		})
	case *Admitted:
		s.Participant(b.Participant).Standing = Entering
	case *Refused:
		s.Participant(b.Participant).Standing = Turned
	case *Left:
		p := s.Participant(b.Participant)
		p.Standing, p.left = Gone, e.At
	case *Returned:
		s.Participant(b.Participant).Standing = Taking
	case *Arrived:
		p := s.Participant(b.Participant)
		if p == nil {
			p = &Participant{ID: b.Participant, Role: b.Role, Name: b.Name, Via: b.Via}
			s.participants = append(s.participants, p)
		}
		p.Standing, p.Check = Taking, ""
		if b.Role == RoleEndUser && s.Started.IsZero() {
			s.Started = e.At
		}
	}
}

// Join decides that a new end-user takes part and starts the session, by the
// link of the given key generation.
func (s *Session) Join(id ParticipantID, generation int, now time.Time) (Body, error) {
	if err := s.KeyUsable(generation, now); err != nil {
		return nil, err
	}
	return &Arrived{Participant: id, Role: RoleEndUser, Via: ViaLink}, nil
}

// Knock decides that somebody waits for the agent: with a typed key, or with
// a link or key of a session that has started in another browser.
func (s *Session) Knock(id ParticipantID, generation int, via Via, check string, now time.Time) (Body, error) {
	if err := s.KeyUsable(generation, now); err != nil && CodeOf(err) != CodeKeyInUse {
		return nil, err
	}
	if s.knocking() >= MaxKnocking {
		return nil, Errorf(CodeTooMany, "Too many people wait at this session already.")
	}
	return &Knocked{Participant: id, Via: via, Check: check}, nil
}

// Admit decides to let somebody in who knocked. Who knocked in time may come
// in after the key has expired.
func (s *Session) Admit(id ParticipantID, now time.Time) (Body, error) {
	if err := s.atDoor(id, now); err != nil {
		return nil, err
	}
	return &Admitted{Participant: id}, nil
}

// Refuse decides to turn somebody away who knocked.
func (s *Session) Refuse(id ParticipantID, now time.Time) (Body, error) {
	if err := s.atDoor(id, now); err != nil {
		return nil, err
	}
	return &Refused{Participant: id}, nil
}

func (s *Session) atDoor(id ParticipantID, now time.Time) error {
	if s.State(now) == StateEnded {
		return Errorf(CodeSessionEnded, "This session has ended.")
	}
	if p := s.Participant(id); p == nil || p.Standing != Knocking {
		return Errorf(CodeNotFound, "Nobody waits here under that name.")
	}
	return nil
}

// Enter decides that somebody who was admitted takes part from now on.
func (s *Session) Enter(id ParticipantID, now time.Time) (Body, error) {
	if s.State(now) == StateEnded {
		return nil, Errorf(CodeSessionEnded, "This session has ended.")
	}
	p := s.Participant(id)
	if p == nil || p.Standing != Entering {
		return nil, Errorf(CodeNotAdmitted, "The agent has not admitted you yet.")
	}
	return &Arrived{Participant: id, Role: RoleEndUser, Via: p.Via}, nil
}

// Connected decides what to log when a participant has a connection: that
// they returned, or nothing.
func (s *Session) Connected(id ParticipantID, now time.Time) Body {
	if p := s.Participant(id); p != nil && p.Standing == Gone && s.State(now) == StateActive {
		return &Returned{Participant: id}
	}
	return nil
}

// Disconnected decides what to log when a participant has had no connection
// for LeaveAfter: that they left, or nothing.
func (s *Session) Disconnected(id ParticipantID, now time.Time) Body {
	if p := s.Participant(id); p != nil && p.Standing == Taking && s.State(now) == StateActive {
		return &Left{Participant: id}
	}
	return nil
}
