package deskside

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// An AgentRole says what an agent may do on the server.
type AgentRole string

// The agents' roles.
const (
	Administrator AgentRole = "administrator" // sees all sessions
	Member        AgentRole = "agent"         // sees their own
)

// An Agent gives help and has an account.
type Agent struct {
	ID       AgentID   `json:"id"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Role     AgentRole `json:"role"`
	Password string    `json:"-"` // argon2id in PHC string format
	Created  time.Time `json:"created"`
}

// Actor returns the agent as somebody who makes requests.
func (a Agent) Actor() Actor {
	return Actor{ID: ParticipantID(a.ID), Role: RoleAgent, Name: a.Name, Admin: a.Role == Administrator}
}

// The limits of an account.
const (
	MaxName     = 80   // characters
	MaxEmail    = 254  // bytes, RFC 5321
	MinPassword = 8    // characters, OWASP ASVS 5.0 6.2.1
	MaxPassword = 1024 // bytes
)

// CleanEmail returns the address as the server compares it: trimmed and in
// lower case.
func CleanEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// CheckAccount refuses a name, an address or a password that no account may
// have.
func CheckAccount(name, email, password string) error {
	if err := checkText(name, MaxName); err != nil || strings.ContainsFunc(name, unicode.IsControl) {
		return Errorf(CodeInvalid, "A name has 1 to %d characters.", MaxName)
	}
	at := strings.LastIndexByte(email, '@')
	if at < 1 || at == len(email)-1 || len(email) > MaxEmail || strings.ContainsFunc(email, notInEmail) || !utf8.ValidString(email) {
		return Errorf(CodeInvalid, "%q is no email address.", email)
	}
	return CheckPassword(password)
}

// notInEmail finds what stands between or around addresses in a mail header.
func notInEmail(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>(),;:\"\\", r)
}

// CheckPassword refuses a password that is too short or too long.
func CheckPassword(password string) error {
	if utf8.RuneCountInString(password) < MinPassword {
		return Errorf(CodeInvalid, "A password has at least %d characters.", MinPassword)
	}
	if len(password) > MaxPassword {
		return Errorf(CodeInvalid, "A password has at most %d bytes.", MaxPassword)
	}
	return nil
}
