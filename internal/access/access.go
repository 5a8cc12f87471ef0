// Package access says who an agent is: accounts, passwords, signed-in
// browsers, and the one-time link that makes the first administrator.
//
// It guarantees:
//   - Passwords are kept as argon2id only, login secrets and the set-up token
//     as SHA-256 only: a stolen database signs nobody in.
//   - An unknown email and a wrong password take the same time and get the
//     same answer.
//   - Wrong passwords are limited per account and per address, on all nodes
//     together; no account is ever locked for good.
//   - A new password signs every browser of its agent out.
package access

import (
	"context"
	"crypto/sha256"
	"time"

	"deskside"
)

// Accounts keeps agents. CodeNotFound where there is none.
type Accounts interface {
	// AddAgent stores a new agent; CodeEmailTaken where one has the address.
	AddAgent(ctx context.Context, a deskside.Agent) error
	// Agents returns everybody who has an account, oldest first.
	Agents(ctx context.Context) ([]deskside.Agent, error)
	AgentByEmail(ctx context.Context, email string) (deskside.Agent, error)
	// SetPassword replaces the password and removes the agent's logins, in one
	// transaction.
	SetPassword(ctx context.Context, id deskside.AgentID, phc string) error
}

// Setup keeps the token that makes the first agent.
type Setup interface {
	CountAgents(ctx context.Context) (int, error)
	// SetSetup replaces the token, of which mac is the SHA-256.
	SetSetup(ctx context.Context, mac []byte) error
	// SetupValid says whether mac is the token's and no agent exists.
	SetupValid(ctx context.Context, mac []byte) (bool, error)
	// AddFirstAgent stores the agent and forgets the token, in one
	// transaction; CodeSetupUsed where the token is another or an agent exists.
	AddFirstAgent(ctx context.Context, a deskside.Agent, mac []byte) error
}

// Logins keeps signed-in browsers.
type Logins interface {
	AddLogin(ctx context.Context, l deskside.Login) error
	// AgentByLogin returns whose login it is; CodeNotFound where there is none
	// or it expired before now.
	AgentByLogin(ctx context.Context, mac []byte, now time.Time) (deskside.Agent, error)
	// DropLogin forgets a login, and is content where there is none.
	DropLogin(ctx context.Context, mac []byte) error
}

// Attempts counts wrong passwords.
type Attempts interface {
	// AddAttempts records failed tries, now.
	AddAttempts(ctx context.Context, attempts ...deskside.Attempt) error
	// CountAttempts returns how many there were since then.
	CountAttempts(ctx context.Context, a deskside.Attempt, since time.Time) (int, error)
}

// A Store is everything that access keeps.
type Store interface {
	Accounts
	Setup
	Logins
	Attempts
}

// Access is the door for agents. It is safe for concurrent use.
type Access struct {
	store  Store
	now    func() time.Time
	hasher *hasher
}

// New returns the door to the agents in store. now is the clock.
func New(store Store, now func() time.Time) *Access {
	return &Access{store: store, now: now, hasher: newHasher(recommended)}
}

// digest is what the store keeps of a secret of 128 random bits. A plain hash
// is enough for those: there is nothing to guess.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
