// Package deskside is the domain of a server for instant remote support that
// starts as a chat: the words and the rules that need no I/O.
//
// A session is a log. Whatever happens in it is an [Event] with the next
// number of that session, and the state of a [Session] is what folding its
// events gives. The rules are methods on Session: each looks at the session as
// it is and answers with the body of the event that follows, or with an
// [*Error] that a person can read. Nothing here reads a clock, a network or a
// disk; the use cases that do are in internal/desk.
package deskside

import (
	"crypto/rand"
	"time"
)

// A SessionID names a session: 26 characters of base32, 128 random bits.
type SessionID string

// An AgentID names an agent, in every session.
type AgentID string

// A ParticipantID names somebody within one session. An agent's is their
// AgentID; an end-user gets a new one in each session.
type ParticipantID string

// NewID returns 26 characters of base32 that hold at least 128 bits from a
// cryptographic source: fit for names and for secrets.
func NewID() string { return rand.Text() }

// Timestamp cuts t to what the log keeps: UTC, milliseconds.
func Timestamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Role says what a participant is in a session.
type Role string

// The roles within a session.
const (
	RoleAgent   Role = "agent"    // gives help, has an account
	RoleEndUser Role = "end-user" // gets help, has none
)

// An Actor is whoever makes a request, as their credential proves it.
type Actor struct {
	ID    ParticipantID
	Role  Role
	Name  string // an agent's name; empty for an end-user
	Admin bool   // an agent who may see and act in every session
}

// MaySee says whether a belongs to the session: its agent, any administrator,
// or an end-user who takes part or waits to.
func (a Actor) MaySee(s *Session) bool {
	if a.Role == RoleAgent {
		return a.Admin || AgentID(a.ID) == s.Agent || s.Participant(a.ID) != nil
	}
	return s.Participant(a.ID) != nil
}
