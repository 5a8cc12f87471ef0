package deskside

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// An Event is one thing that happened in a session. Its JSON form is the only
// one: the store keeps it, and the socket, REST, transcripts and browsers read
// it.
//
//	{"seq":7,"at":"2026-11-23T14:05:09.120Z","by":"…","id":"…","type":"message","data":{"text":"Hello"}}
type Event struct {
	Seq  int64         // 1, 2, 3 … within its session, without a gap
	At   time.Time     // when it was stored; UTC, milliseconds
	By   ParticipantID // who did it; empty for the server itself
	ID   string        // the request that made it, as its client named it; may be empty
	Body Body

	encoded []byte // the JSON form, once known
}

// A Body is what happened. Its type's fields are the "data" of the event.
type Body interface {
	// Type names the body in JSON.
	Type() string
}

// Audience says who may see an event or a signal.
type Audience uint8

// The audiences.
const (
	ForAll    Audience = iota // every participant
	ForAgents                 // agents only
)

// Sees says whether somebody with role r belongs to the audience.
func (a Audience) Sees(r Role) bool { return a == ForAll || r == RoleAgent }

// The bodies of events.
type (
	// Created opens the log: the agent made the session and its key.
	Created struct {
		Agent     AgentID   `json:"agent"`
		AgentName string    `json:"agentName"`
		Expires   time.Time `json:"expires"` // the key can start the session until then
	}
	// Titled names the session for agents.
	Titled struct {
		Title string `json:"title"`
	}
	// ControlWished records the check box "Request remote control as soon as
	// end-user arrives".
	ControlWished struct {
		On bool `json:"on"`
	}
	// Invited says that the agent took an invitation along, or, with an
	// Invitation, that the server is to send it.
	Invited struct {
		Via        Means        `json:"via"`
		Invitation InvitationID `json:"invitation,omitempty"`
		To         string       `json:"to,omitempty"` // the address, mostly hidden
	}
	// InvitationMoved says how far an invitation has come that the server sends.
	InvitationMoved struct {
		Invitation InvitationID    `json:"invitation"`
		State      InvitationState `json:"state"`
		Why        Why             `json:"why,omitempty"`
		Detail     string          `json:"detail,omitempty"` // the gateway's own words
	}
	// Doubted says that somebody with the link does not know the agent.
	Doubted struct{}
	// KeyAsked says that somebody with a dead link or key asks for a new one.
	KeyAsked struct{}
	// KeyExtended gives the same key more time.
	KeyExtended struct {
		Expires time.Time `json:"expires"`
	}
	// KeyRenewed replaces the key and the link of the session; the old ones are revoked.
	KeyRenewed struct {
		Expires time.Time `json:"expires"`
	}
	// KeyExpired says that nobody used the key in time.
	KeyExpired struct{}
	// KeyRevoked says that the agent took the key back.
	KeyRevoked struct{}
	// Knocked says that somebody waits for the agent to admit them.
	Knocked struct {
		Participant ParticipantID `json:"participant"`
		Via         Via           `json:"via"`
		Check       string        `json:"check"` // three digits that the person's page shows
	}
	// Admitted lets somebody in who knocked.
	Admitted struct {
		Participant ParticipantID `json:"participant"`
	}
	// Refused turns somebody away who knocked.
	Refused struct {
		Participant ParticipantID `json:"participant"`
	}
	// Arrived says that somebody takes part from now on. The first end-user's
	// arrival starts the session.
	Arrived struct {
		Participant ParticipantID `json:"participant"`
		Role        Role          `json:"role"`
		Name        string        `json:"name,omitempty"`
		Via         Via           `json:"via,omitempty"`
	}
	// Left says that a participant has had no connection for LeaveAfter.
	Left struct {
		Participant ParticipantID `json:"participant"`
	}
	// Returned says that a participant who had left is connected again.
	Returned struct {
		Participant ParticipantID `json:"participant"`
	}
	// Message is something said.
	Message struct {
		Text string `json:"text"`
		// Withdrawn stands in place of the text once the writer took it back.
		Withdrawn bool `json:"withdrawn,omitempty"`
	}
	// LinkPushed offers a web address to the other side.
	LinkPushed struct {
		URL       string `json:"url"`
		Withdrawn bool   `json:"withdrawn,omitempty"` // stands in place of the address once its writer took it back
	}
	// Noted is a note that only agents see.
	Noted struct {
		Text string `json:"text"`
	}
	// Edited replaces the text of a message.
	Edited struct {
		Message   int64  `json:"message"` // the message's seq
		Text      string `json:"text"`
		Withdrawn bool   `json:"withdrawn,omitempty"` // the message was withdrawn later
	}
	// Withdrawn takes a message back.
	Withdrawn struct {
		Message int64 `json:"message"`
	}
	// Reacted sets the writer's reaction to a message; an empty emoji removes it.
	Reacted struct {
		Message int64  `json:"message"`
		Emoji   string `json:"emoji"`
	}
	// Attached offers a file. Its bytes go another way.
	Attached struct {
		File      FileID `json:"file"`
		Name      string `json:"name"`
		Size      int64  `json:"size"`      // bytes
		MediaType string `json:"mediaType"` // RFC 6838, as its sender says
		// Snapshot says that an agent took it of what they saw.
		Snapshot bool `json:"snapshot,omitempty"`
	}
	// FileMoved says how far a file has come.
	FileMoved struct {
		File   FileID    `json:"file"`
		State  FileState `json:"state"`
		SHA256 string    `json:"sha256,omitempty"` // with FileArrived: hexadecimal
		Width  int       `json:"width,omitempty"`  // with FileArrived: of a picture that can be shown, in pixels
		Height int       `json:"height,omitempty"`
		Why    FileWhy   `json:"why,omitempty"`    // with FileRefused
		Threat string    `json:"threat,omitempty"` // what the scanner calls what it found
	}
	// FilePreviewed says that a small picture of the file can be shown.
	FilePreviewed struct {
		File    FileID `json:"file"`
		Preview bool   `json:"preview"` // always true
	}
	// Ended closes the session.
	Ended struct {
		Reason EndReason `json:"reason"`
	}
	// Rated is the end-user's opinion, after the end.
	Rated struct {
		Rating Rating `json:"rating"`
	}
	// Summarized is the agent's account of the session. The newest counts.
	Summarized struct {
		Note    string   `json:"note"`
		Outcome Outcome  `json:"outcome"`
		Tags    []string `json:"tags"`
	}
)

// Via says how somebody came.
type Via string

// The ways to come.
const (
	ViaLink Via = "link" // by the session link
	ViaKey  Via = "key"  // by typing the Support Key
)

// EndReason says who or what ended a session.
type EndReason string

// The reasons.
const (
	EndedByAgent   EndReason = "agent"
	EndedByEndUser EndReason = "end-user"
	EndedAbandoned EndReason = "abandoned" // nobody was connected for the time that the settings give
)

// Rating is the end-user's opinion of the help they got.
type Rating string

// The ratings.
const (
	RatingGood     Rating = "good"
	RatingMiddling Rating = "middling"
	RatingBad      Rating = "bad"
)

// Outcome is what came of a session.
type Outcome string

// The outcomes.
const (
	OutcomeResolved   Outcome = "resolved"
	OutcomeUnresolved Outcome = "unresolved"
	OutcomeUnknown    Outcome = "unknown"
)

// bodies holds, for each type name, how to make an empty body and who may see
// it. What is missing here is read back from the log as [Later].
var bodies = map[string]struct {
	make     func() Body
	audience Audience
}{
	"created":           {func() Body { return new(Created) }, ForAll},
	"titled":            {func() Body { return new(Titled) }, ForAgents},
	"control-wished":    {func() Body { return new(ControlWished) }, ForAgents},
	"invited":           {func() Body { return new(Invited) }, ForAgents},
	"invitation":        {func() Body { return new(InvitationMoved) }, ForAgents},
	"doubted":           {func() Body { return new(Doubted) }, ForAgents},
	"key-asked":         {func() Body { return new(KeyAsked) }, ForAgents},
	"key-extended":      {func() Body { return new(KeyExtended) }, ForAgents},
	"key-renewed":       {func() Body { return new(KeyRenewed) }, ForAgents},
	"key-expired":       {func() Body { return new(KeyExpired) }, ForAgents},
	"key-revoked":       {func() Body { return new(KeyRevoked) }, ForAgents},
	"knocked":           {func() Body { return new(Knocked) }, ForAgents},
	"admitted":          {func() Body { return new(Admitted) }, ForAgents},
	"refused":           {func() Body { return new(Refused) }, ForAgents},
	"arrived":           {func() Body { return new(Arrived) }, ForAll},
	"left":              {func() Body { return new(Left) }, ForAll},
	"returned":          {func() Body { return new(Returned) }, ForAll},
	"message":           {func() Body { return new(Message) }, ForAll},
	"link":              {func() Body { return new(LinkPushed) }, ForAll},
	"note":              {func() Body { return new(Noted) }, ForAgents},
	"edited":            {func() Body { return new(Edited) }, ForAll},
	"withdrawn":         {func() Body { return new(Withdrawn) }, ForAll},
	"reacted":           {func() Body { return new(Reacted) }, ForAll},
	"file":              {func() Body { return new(Attached) }, ForAll},
	"file-moved":        {func() Body { return new(FileMoved) }, ForAll},
	"file-preview":      {func() Body { return new(FilePreviewed) }, ForAll},
	"view-asked":        {func() Body { return new(ViewAsked) }, ForAll},
	"view-choosing":     {func() Body { return new(ViewChoosing) }, ForAll},
	"view-granted":      {func() Body { return new(ViewGranted) }, ForAll},
	"view-declined":     {func() Body { return new(ViewDeclined) }, ForAll},
	"view-paused":       {func() Body { return new(ViewPaused) }, ForAll},
	"view-stopped":      {func() Body { return new(ViewStopped) }, ForAll},
	"equipped":          {func() Body { return new(Equipped) }, ForAll},
	"control-asked":     {func() Body { return new(ControlAsked) }, ForAll},
	"control-preparing": {func() Body { return new(ControlPreparing) }, ForAll},
	"helper-offered":    {func() Body { return new(HelperOffered) }, ForAll},
	"helper-paired":     {func() Body { return new(HelperPaired) }, ForAll},
	"helper-reached":    {func() Body { return new(HelperReached) }, ForAll},
	"control-granted":   {func() Body { return new(ControlGranted) }, ForAll},
	"control-declined":  {func() Body { return new(ControlDeclined) }, ForAll},
	"control-paused":    {func() Body { return new(ControlPaused) }, ForAll},
	"control-stopped":   {func() Body { return new(ControlStopped) }, ForAll},
	"reported":          {func() Body { return new(Reported) }, ForAll},
	"ended":             {func() Body { return new(Ended) }, ForAll},
	"rated":             {func() Body { return new(Rated) }, ForAll},
	"summarized":        {func() Body { return new(Summarized) }, ForAgents},
}

func (*Created) Type() string         { return "created" }
func (*Titled) Type() string          { return "titled" }
func (*ControlWished) Type() string   { return "control-wished" }
func (*Invited) Type() string         { return "invited" }
func (*InvitationMoved) Type() string { return "invitation" }
func (*Doubted) Type() string         { return "doubted" }
func (*KeyAsked) Type() string        { return "key-asked" }
func (*KeyExtended) Type() string     { return "key-extended" }
func (*KeyRenewed) Type() string      { return "key-renewed" }
func (*KeyExpired) Type() string      { return "key-expired" }
func (*KeyRevoked) Type() string      { return "key-revoked" }
func (*Knocked) Type() string         { return "knocked" }
func (*Admitted) Type() string        { return "admitted" }
func (*Refused) Type() string         { return "refused" }
func (*Arrived) Type() string         { return "arrived" }
func (*Left) Type() string            { return "left" }
func (*Returned) Type() string        { return "returned" }
func (*Message) Type() string         { return "message" }
func (*LinkPushed) Type() string      { return "link" }
func (*Noted) Type() string           { return "note" }
func (*Edited) Type() string          { return "edited" }
func (*Withdrawn) Type() string       { return "withdrawn" }
func (*Reacted) Type() string         { return "reacted" }
func (*Attached) Type() string        { return "file" }
func (*FileMoved) Type() string       { return "file-moved" }
func (*FilePreviewed) Type() string   { return "file-preview" }
func (*Ended) Type() string           { return "ended" }
func (*Rated) Type() string           { return "rated" }
func (*Summarized) Type() string      { return "summarized" }

// A Later body is one that a later version stored: while several nodes are
// updated one after the other, the older ones meet what they do not know. It
// has its number and keeps its form, and changes nothing.
type Later struct {
	Name string // of its type
	Data json.RawMessage
}

// Type implements [Body].
func (l *Later) Type() string { return l.Name }

// MarshalJSON implements [json.Marshaler].
func (l *Later) MarshalJSON() ([]byte, error) { return l.Data, nil }

// Audience says who may see e.
func (e *Event) Audience() Audience {
	if kind, known := bodies[e.Body.Type()]; known {
		return kind.audience
	}
	return ForAgents // it may not be for everybody
}

// timeLayout is RFC 3339 with milliseconds, always UTC.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// Encode fixes the event's JSON form, so that each later use is a copy of the
// same bytes. The event must not change afterwards.
func (e *Event) Encode() error {
	data, err := json.Marshal(e.Body)
	if err != nil {
		return fmt.Errorf("encode %s: %w", e.Body.Type(), err)
	}
	b := make([]byte, 0, 128+len(e.By)+len(e.ID)+len(data))
	b = append(b, `{"seq":`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `,"at":"`...)
	b = e.At.UTC().AppendFormat(b, timeLayout)
	b = append(b, '"')
	b = appendString(b, `,"by":`, string(e.By))
	b = appendString(b, `,"id":`, e.ID)
	b = append(b, `,"type":"`...)
	b = append(b, e.Body.Type()...)
	b = append(b, `","data":`...)
	b = append(b, data...)
	e.encoded = append(b, '}')
	return nil
}

// with returns e with another body, encoded.
func (e Event) with(b Body) Event {
	e.Body = b
	if err := e.Encode(); err != nil {
		panic("deskside: " + err.Error()) // only bodies of strings and numbers come here
	}
	return e
}

func appendString(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	quoted, _ := json.Marshal(value) // a string never fails
	return append(append(b, name...), quoted...)
}

// JSON returns the event's JSON form, which the caller must not change. It is
// nil before Encode or decoding.
func (e *Event) JSON() []byte { return e.encoded }

// MarshalJSON implements [json.Marshaler].
func (e Event) MarshalJSON() ([]byte, error) {
	if e.encoded == nil {
		if err := e.Encode(); err != nil {
			return nil, err
		}
	}
	return e.encoded, nil
}

// UnmarshalJSON implements [json.Unmarshaler]. It keeps a copy of b as the
// event's JSON form.
func (e *Event) UnmarshalJSON(b []byte) error {
	var head struct {
		Seq  int64           `json:"seq"`
		At   time.Time       `json:"at"`
		By   ParticipantID   `json:"by"`
		ID   string          `json:"id"`
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return fmt.Errorf("decode event: %w", err)
	}
	body, err := decodeBody(head.Type, head.Data)
	if err != nil {
		return fmt.Errorf("decode event %d: %w", head.Seq, err)
	}
	*e = Event{Seq: head.Seq, At: head.At.UTC(), By: head.By, ID: head.ID, Body: body, encoded: bytes.Clone(b)}
	return nil
}

func decodeBody(name string, data json.RawMessage) (Body, error) {
	kind, known := bodies[name]
	switch {
	case known:
		body := kind.make()
		return body, json.Unmarshal(data, body)
	case name == "" || data == nil:
		return nil, errors.New("it has no type, or no data")
	}
	return &Later{name, data}, nil
}

// Bodies returns an empty body of every type, sorted by their names.
func Bodies() (all []Body) {
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		all = append(all, bodies[name].make())
	}
	return all
}
