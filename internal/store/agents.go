package store

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"deskside"
)

const selectAgent = "SELECT a.id, a.name, a.email, a.role, a.password, a.created FROM agents a "

type agentRow struct {
	deskside.Agent
	created int64
}

func (r *agentRow) fields() []any {
	return []any{&r.ID, &r.Name, &r.Email, &r.Role, &r.Password, &r.created}
}

func (r agentRow) agent() deskside.Agent {
	r.Created = fromMillis(r.created)
	return r.Agent
}

func (s *Store) agent(ctx context.Context, rest string, args ...any) (deskside.Agent, error) {
	missing := deskside.Errorf(deskside.CodeNotFound, "There is no such agent.")
	row, err := one(ctx, s, "read an agent", missing, (*agentRow).fields, selectAgent+rest, args...)
	return row.agent(), err
}

// AgentByEmail returns the agent with the address; CodeNotFound.
func (s *Store) AgentByEmail(ctx context.Context, email string) (deskside.Agent, error) {
	return s.agent(ctx, "WHERE a.email = $1", deskside.CleanEmail(email))
}

// AgentByLogin returns whose login it is; CodeNotFound where there is none or
// it expired before now.
func (s *Store) AgentByLogin(ctx context.Context, mac []byte, now time.Time) (deskside.Agent, error) {
	return s.agent(ctx, "JOIN logins l ON l.agent = a.id WHERE l.mac = $1 AND l.expires > $2", mac, millis(now))
}

// Agents returns everybody who has an account, oldest first.
func (s *Store) Agents(ctx context.Context) ([]deskside.Agent, error) {
	rows, err := query(ctx, s, "list agents", (*agentRow).fields, selectAgent+"ORDER BY a.created, a.id")
	agents := make([]deskside.Agent, 0, len(rows))
	for _, r := range rows {
		agents = append(agents, r.agent())
	}
	return agents, err
}

// CountAgents returns how many accounts there are.
func (s *Store) CountAgents(ctx context.Context) (int, error) {
	return one(ctx, s, "count agents", nil, func(n *int) []any { return []any{n} }, "SELECT count(*) FROM agents")
}

// AddAgent stores a new agent; CodeEmailTaken where one has the address.
func (s *Store) AddAgent(ctx context.Context, a deskside.Agent) error {
	return s.do(ctx, func(t *tx) error { return t.addAgent(a) })
}

func (t *tx) addAgent(a deskside.Agent) error {
	email := deskside.CleanEmail(a.Email)
	var one int
	taken, err := t.scan("SELECT 1 FROM agents WHERE email = $1", []any{email}, &one)
	if err != nil {
		return err
	}
	if taken {
		return deskside.Errorf(deskside.CodeEmailTaken, "An agent has this email address already.")
	}
	return t.exec("INSERT INTO agents (id, name, email, role, password, created) VALUES ($1, $2, $3, $4, $5, $6)",
		string(a.ID), a.Name, email, string(a.Role), a.Password, millis(a.Created))
}

const setupSetting = "setup"

// SetSetup replaces the set-up token, of which mac is the SHA-256.
func (s *Store) SetSetup(ctx context.Context, mac []byte) error {
	return s.do(ctx, func(t *tx) error {
		return t.exec("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", setupSetting, mac)
	})
}

// SetupValid says whether mac is that of the set-up token and no agent exists.
func (s *Store) SetupValid(ctx context.Context, mac []byte) (bool, error) {
	n, err := one(ctx, s, "read the set-up token", nil, func(n *int) []any { return []any{n} },
		"SELECT count(*) FROM settings WHERE name = $1 AND value = $2 AND NOT EXISTS (SELECT 1 FROM agents)", setupSetting, mac)
	return n == 1, err
}

// AddFirstAgent stores the agent and forgets the token; CodeSetupUsed where
// the token is another or an agent exists.
func (s *Store) AddFirstAgent(ctx context.Context, a deskside.Agent, mac []byte) error {
	return s.do(ctx, func(t *tx) error {
		var agents int
		if _, err := t.scan("SELECT count(*) FROM agents", nil, &agents); err != nil {
			return err
		}
		var token []byte
		set, err := t.scan("SELECT value FROM settings WHERE name = $1", []any{setupSetting}, &token)
		if err != nil {
			return err
		}
		if agents > 0 || !set || subtle.ConstantTimeCompare(token, mac) != 1 {
			return deskside.Errorf(deskside.CodeSetupUsed, "This link was used before, or is wrong.")
		}
		return errors.Join(t.addAgent(a), t.exec("DELETE FROM settings WHERE name = $1", setupSetting))
	})
}

// SetPassword replaces an agent's password and ends their logins.
func (s *Store) SetPassword(ctx context.Context, id deskside.AgentID, phc string) error {
	return s.do(ctx, func(t *tx) error {
		var one int
		found, err := t.scan("UPDATE agents SET password = $1 WHERE id = $2 RETURNING 1", []any{phc, string(id)}, &one)
		if err != nil {
			return err
		}
		if !found {
			return deskside.Errorf(deskside.CodeNotFound, "There is no such agent.")
		}
		return t.exec("DELETE FROM logins WHERE agent = $1", string(id))
	})
}

// AddLogin stores a signed-in browser.
func (s *Store) AddLogin(ctx context.Context, l deskside.Login) error {
	return s.do(ctx, func(t *tx) error {
		return t.exec("INSERT INTO logins (mac, agent, expires) VALUES ($1, $2, $3)", l.MAC, string(l.Agent), millis(l.Expires))
	})
}

// DropLogin forgets a login, and is content where there is none.
func (s *Store) DropLogin(ctx context.Context, mac []byte) error {
	return s.do(ctx, func(t *tx) error { return t.exec("DELETE FROM logins WHERE mac = $1", mac) })
}
