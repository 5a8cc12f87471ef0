package deskside

import (
	"errors"
	"time"
)

// A Change is what a decision leads to, stored whole or not at all. The zero
// Change stores nothing.
type Change struct {
	Events []Event     // By, ID and Body are set; the store gives Seq and At
	Key    *Key        // a new key of the session
	Guest  *Guest      // a new credential of an end-user …
	Drop   []byte      // … and the MAC of the one that it replaces
	Job    *Job        // an invitation to send, or what is to be done about it next
	File   *StoredFile // a file whose bytes are to come, or what became of them
}

// ErrKeyTaken is returned by a store that has the digits of Change.Key
// already: draw others.
var ErrKeyTaken = errors.New("these digits are taken")

// A Guest is an end-user's credential in one session, as the server keeps it.
type Guest struct {
	MAC         []byte // of the secret in the browser's cookie
	Session     SessionID
	Participant ParticipantID
}

// A Hint says that a session's log has grown.
type Hint struct {
	Session SessionID
	Number  int64 // of the newest event known
}

// A Notice is what travels on the bus: a hint, with the events themselves as
// an accelerator, or a signal. It may be lost, doubled or late.
type Notice struct {
	Session SessionID
	Agent   AgentID // whose session it is, for lists
	Number  int64   // of the newest event; 0 with a signal
	Events  []Event // neighbours, the last with seq Number; may be missing
	Signal  *Signal
}

// A Connection is one page of a participant that is connected to a node.
type Connection struct {
	ID          string
	Node        string
	Session     SessionID
	Participant ParticipantID
	Away        bool // no page of theirs is in view
}

// A PresenceOf says how reachable a participant is.
type PresenceOf struct {
	Participant ParticipantID `json:"participant"`
	Presence    Presence      `json:"presence"`
	Since       time.Time     `json:"since,omitzero"` // with Offline, where it is known
}

// An Absence is a participant's who has had no connection since.
type Absence struct {
	Session     SessionID
	Participant ParticipantID
	Since       time.Time
}

// A HistoryQuery asks for ended sessions, newest first.
type HistoryQuery struct {
	Agent  AgentID   // whose; empty for everybody's
	Text   string    // words that must occur, the last as a beginning; empty for all
	Before time.Time // ended before then; zero for now
	Limit  int
}

// A Found is one ended session that a HistoryQuery asked for.
type Found struct {
	Overview
	Snippet []Fragment `json:"snippet"` // where the words occur
}

// A Fragment is a piece of text of a Found.
type Fragment struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"` // one of the words that were asked for
}

// An Attempt is a failed try at a secret, or something else that is counted
// for a limit.
type Attempt struct {
	Kind    string // "key", "password", "sms" or "email"
	Subject string // whom the limit is about: an address prefix, an account, "" for the server
}

// An Allowance is how often something may be attempted since a time.
type Allowance struct {
	Attempt
	Since time.Time
	Most  int
}

// A Login is an agent's signed-in browser, as the server keeps it.
type Login struct {
	MAC     []byte // of the secret in the browser's cookie
	Agent   AgentID
	Expires time.Time
}
