package deskside

import (
	"sort"
	"time"
)

// State is where a session is in its life:
// waiting → active → ended; waiting → expired (can be extended) or revoked.
type State string

// The states.
const (
	StateWaiting State = "waiting"
	StateActive  State = "active"
	StateExpired State = "expired"
	StateRevoked State = "revoked"
	StateEnded   State = "ended"
)

// LeaveAfter is how long a participant is without any connection before the
// log says that they left.
const LeaveAfter = 30 * time.Second

// A Session is the state that the events of one log fold to. Its zero value
// is a session that was not created yet. It has no lock: whoever owns it
// decides who may look.
type Session struct {
	ID     SessionID
	Number int64 // the seq of its last event

	Agent         AgentID
	AgentName     string
	Title         string
	Created       time.Time
	Started       time.Time // zero while waiting
	EndedAt       time.Time // zero while open
	Reason        EndReason
	ControlWished bool

	KeyGeneration int // which Key of the session counts
	KeyExpires    time.Time
	KeyRevoked    bool
	keyDied       time.Time // when the key was revoked
	expiryLogged  bool

	Rating  Rating
	Note    string
	Outcome Outcome
	Tags    []string

	Unanswered int       // end-user messages since an agent last wrote
	LastText   string    // what was said last, for lists
	LastAt     time.Time // when the last event was

	DoubtedAt  time.Time // when somebody said last that they don't know the agent
	AskedAt    time.Time // when somebody asked last for a new key
	ReportedAt time.Time // when an end-user said last that they are being cheated

	invitations  []*Invitation
	participants []*Participant
	messages     []messageMark // by seq
	files        []*File
	view         View
	control      Control
	requests     map[request]int64
}

type request struct {
	by ParticipantID
	id string
}

// Apply folds the next event into the session. Events come in order; one that
// is not the next is a defect of the caller and panics.
func (s *Session) Apply(e *Event) {
	if e.Seq != s.Number+1 {
		panic("deskside: events folded out of order")
	}
	s.Number, s.LastAt = e.Seq, e.At
	if e.ID != "" {
		if s.requests == nil {
			s.requests = make(map[request]int64)
		}
		s.requests[request{e.By, e.ID}] = e.Seq
	}
	switch b := e.Body.(type) {
	case *Created:
		s.Agent, s.AgentName, s.Created = b.Agent, b.AgentName, e.At
		s.KeyGeneration, s.KeyExpires = 1, b.Expires
		s.participants = append(s.participants, &Participant{ID: ParticipantID(b.Agent), Role: RoleAgent, Name: b.AgentName, Standing: Taking})
	case *Titled:
		s.Title = b.Title
	case *ControlWished:
		s.ControlWished = b.On
	case *KeyExtended, *KeyRenewed, *KeyExpired, *KeyRevoked:
		s.applyKey(e)
	case *Invited, *InvitationMoved:
		s.applyInvitation(e)
	case *Doubted:
		s.DoubtedAt = e.At
	case *KeyAsked:
		s.AskedAt = e.At
	case *Reported:
		s.ReportedAt = e.At
	case *Knocked, *Admitted, *Refused, *Arrived, *Left, *Returned:
		s.applyParticipant(e)
	case *Message, *Edited, *Withdrawn, *LinkPushed:
		s.applyMessage(e)
	case *Attached, *FileMoved, *FilePreviewed:
		s.applyFile(e)
	case *ViewAsked, *ViewChoosing, *ViewGranted, *ViewDeclined, *ViewPaused, *ViewStopped, *Equipped:
		s.applyView(e)
		s.applyControl(e)
	case *ControlAsked, *ControlPreparing, *HelperOffered, *HelperPaired, *HelperReached, *ControlGranted, *ControlDeclined, *ControlPaused, *ControlStopped:
		s.applyControl(e)
	case *Ended:
		s.EndedAt, s.Reason = e.At, b.Reason
		s.applyFile(e)
		s.applyView(e)
		s.applyControl(e)
	case *Rated:
		s.Rating = b.Rating
	case *Summarized:
		s.Note, s.Outcome, s.Tags = b.Note, b.Outcome, b.Tags
	}
}

func (s *Session) applyKey(e *Event) {
	switch b := e.Body.(type) {
	case *KeyExtended:
		s.KeyExpires, s.expiryLogged = b.Expires, false
	case *KeyRenewed:
		s.KeyGeneration++
		s.KeyExpires, s.KeyRevoked, s.expiryLogged = b.Expires, false, false
	case *KeyExpired:
		s.expiryLogged = true
	case *KeyRevoked:
		s.KeyRevoked, s.keyDied = true, e.At
	}
}

// Seen returns the seq of the event that request id of participant by made,
// or 0.
func (s *Session) Seen(by ParticipantID, id string) int64 {
	return s.requests[request{by, id}]
}

// State says where the session is at time now.
func (s *Session) State(now time.Time) State {
	switch {
	case !s.EndedAt.IsZero():
		return StateEnded
	case !s.Started.IsZero():
		return StateActive
	case s.KeyRevoked:
		return StateRevoked
	case !now.Before(s.KeyExpires):
		return StateExpired
	}
	return StateWaiting
}

// Open says whether the session has started and not ended; else the error
// says why nothing can be said in it.
func (s *Session) Open(now time.Time) error {
	switch s.State(now) {
	case StateActive:
		return nil
	case StateEnded:
		return Errorf(CodeSessionEnded, "This session has ended.")
	}
	return Errorf(CodeNotStarted, "The end-user has not arrived yet.")
}

// KeyUsable says whether the key of the given generation can start the session
// now; else the error says what became of it. Knocking is allowed while the
// session is active too.
func (s *Session) KeyUsable(generation int, now time.Time) error {
	if generation < s.KeyGeneration && s.State(now) != StateEnded {
		return Errorf(CodeKeyRevoked, "This Support Key was replaced by a new one.")
	}
	switch s.State(now) {
	case StateEnded:
		return Errorf(CodeSessionEnded, "This session has ended.")
	case StateActive:
		return Errorf(CodeKeyInUse, "This session has started in another browser.")
	case StateRevoked:
		return Errorf(CodeKeyRevoked, "The agent took this Support Key back.")
	case StateExpired:
		return Errorf(CodeKeyExpired, "This Support Key was not used in time.")
	}
	return nil
}

// KeyDied returns when the session's key stopped being usable for good, and
// the zero time while it lives.
func (s *Session) KeyDied(now time.Time) time.Time {
	switch s.State(now) {
	case StateEnded:
		return s.EndedAt
	case StateRevoked:
		return s.keyDied
	case StateExpired:
		return s.KeyExpires
	}
	return time.Time{}
}

// Extend decides on more time for the session's key: life from now on.
func (s *Session) Extend(now time.Time, life time.Duration) (Body, error) {
	switch s.State(now) {
	case StateWaiting, StateExpired:
		return &KeyExtended{Expires: Timestamp(now.Add(life))}, nil
	}
	return nil, s.keyFixed(now)
}

// Renew decides on a new key for the session.
func (s *Session) Renew(now time.Time, life time.Duration) (Body, error) {
	switch s.State(now) {
	case StateWaiting, StateExpired, StateRevoked:
		return &KeyRenewed{Expires: Timestamp(now.Add(life))}, nil
	}
	return nil, s.keyFixed(now)
}

// Revoke decides to take the key back.
func (s *Session) Revoke(now time.Time) (Body, error) {
	switch s.State(now) {
	case StateWaiting, StateExpired:
		return &KeyRevoked{}, nil
	}
	return nil, s.keyFixed(now)
}

// Due returns when something of the session changes by itself: the key
// expires, a view, or control. It is the zero time for never.
func (s *Session) Due() time.Time {
	switch {
	case !s.EndedAt.IsZero():
		return time.Time{}
	case !s.Started.IsZero():
		due := s.viewDue()
		if other := s.controlDue(); due.IsZero() || !other.IsZero() && other.Before(due) {
			due = other
		}
		return due
	case s.KeyRevoked || s.expiryLogged:
		return time.Time{}
	}
	return s.KeyExpires
}

// Lapse decides to log what changed by itself by now: a key that was not used
// in time, or what became of a view or of control. It returns nil where nothing did, or
// where that stands in the log already; else it is to be asked again.
func (s *Session) Lapse(now time.Time) Body {
	switch s.State(now) {
	case StateActive:
		if body := s.lapseView(now); body != nil {
			return body
		}
		return s.lapseControl(now)
	case StateExpired:
		if !s.expiryLogged {
			return &KeyExpired{}
		}
	}
	return nil
}

func (s *Session) keyFixed(now time.Time) error {
	switch s.State(now) {
	case StateEnded:
		return Errorf(CodeSessionEnded, "This session has ended.")
	case StateRevoked:
		return Errorf(CodeKeyRevoked, "This Support Key is revoked. Make a new key instead.")
	}
	return Errorf(CodeKeyInUse, "The session has started; its key is not needed any more.")
}

// End decides to close the session.
func (s *Session) End(now time.Time, reason EndReason) (Body, error) {
	if s.State(now) == StateEnded {
		return nil, Errorf(CodeSessionEnded, "This session has ended.")
	}
	return &Ended{Reason: reason}, nil
}

// Rate decides on the end-user's opinion, once the session has ended.
func (s *Session) Rate(r Rating) (Body, error) {
	switch {
	case r != RatingGood && r != RatingMiddling && r != RatingBad:
		return nil, Errorf(CodeInvalid, "A rating is good, middling or bad.")
	case s.EndedAt.IsZero():
		return nil, Errorf(CodeInvalid, "The session can be rated once it has ended.")
	}
	return &Rated{Rating: r}, nil
}

// The limits of an agent's summary.
const (
	MaxTitle = 120 // characters
	MaxTags  = 20
	MaxTag   = 40 // characters
)

// Summarize decides on the agent's account of the session.
func (s *Session) Summarize(note string, outcome Outcome, tags []string) (Body, error) {
	if note != "" {
		if err := checkText(note, MaxText); err != nil {
			return nil, err
		}
	}
	switch outcome {
	case OutcomeResolved, OutcomeUnresolved, OutcomeUnknown:
	default:
		return nil, Errorf(CodeInvalid, "An outcome is resolved, unresolved or unknown.")
	}
	if len(tags) > MaxTags {
		return nil, Errorf(CodeInvalid, "A session takes %d tags at most.", MaxTags)
	}
	for _, t := range tags {
		if err := checkText(t, MaxTag); err != nil {
			return nil, err
		}
	}
	if tags == nil {
		tags = []string{}
	}
	return &Summarized{Note: note, Outcome: outcome, Tags: tags}, nil
}

// Name decides on the session's title; an empty one removes it.
func (s *Session) Name(title string) (Body, error) {
	if title != "" {
		if err := checkText(title, MaxTitle); err != nil {
			return nil, err
		}
	}
	return &Titled{Title: title}, nil
}

// An Overview is a session as a line in a list.
type Overview struct {
	ID         SessionID `json:"id"`
	State      State     `json:"state"`
	Title      string    `json:"title"`
	Agent      AgentID   `json:"agent"`
	AgentName  string    `json:"agentName"`
	Created    time.Time `json:"created"`
	Expires    time.Time `json:"expires"` // of the key; means nothing once started
	Started    time.Time `json:"started,omitzero"`
	Ended      time.Time `json:"ended,omitzero"`
	LastText   string    `json:"lastText"`
	LastAt     time.Time `json:"lastAt"`
	Unanswered int       `json:"unanswered"`           // end-user messages since an agent last wrote
	Knocking   int       `json:"knocking"`             // people who wait to be admitted
	Doubted    time.Time `json:"doubted,omitzero"`     // when somebody said last that they don't know the agent
	Asked      time.Time `json:"asked,omitzero"`       // when somebody asked last for a new key
	Reported   time.Time `json:"reported,omitzero"`    // when an end-user said last that they are being cheated
	Viewing    bool      `json:"viewing,omitempty"`    // an end-user's screen is shown
	Controlled bool      `json:"controlled,omitempty"` // and controlled
	EndUser    Presence  `json:"endUser"`              // set by who knows; empty while nobody arrived
	Rating     Rating    `json:"rating"`
	Note       string    `json:"note"`
	Outcome    Outcome   `json:"outcome"`
	Tags       []string  `json:"tags"`
}

// Overview returns the session as a line in a list.
func (s *Session) Overview(now time.Time) Overview {
	tags := s.Tags
	if tags == nil {
		tags = []string{}
	}
	return Overview{
		ID: s.ID, State: s.State(now), Title: s.Title, Agent: s.Agent, AgentName: s.AgentName,
		Created: s.Created, Expires: s.KeyExpires, Started: s.Started, Ended: s.EndedAt,
		LastText: s.LastText, LastAt: s.LastAt, Unanswered: s.Unanswered, Knocking: s.knocking(),
		Doubted: s.DoubtedAt, Asked: s.AskedAt, Reported: s.ReportedAt, Viewing: s.view.EndUser != "", Controlled: s.control.Phase == ControlOn, Rating: s.Rating, Note: s.Note, Outcome: s.Outcome, Tags: tags,
	}
}

// find returns the index of the message with the given seq, or -1.
func (s *Session) find(seq int64) int {
	i := sort.Search(len(s.messages), func(i int) bool { return s.messages[i].seq >= seq })
	if i < len(s.messages) && s.messages[i].seq == seq {
		return i
	}
	return -1
}
