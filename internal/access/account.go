package access

import (
	"context"

	"deskside"
)

// SetupToken returns a fresh one-time token for [Access.CreateFirst], which
// puts any older one out of use, or "" once an agent exists.
func (a *Access) SetupToken(ctx context.Context) (string, error) {
	if open, err := a.setupOpen(ctx); err != nil || !open {
		return "", err
	}
	token := deskside.NewID()
	if err := a.store.SetSetup(ctx, digest(token)); err != nil {
		return "", err
	}
	return token, nil
}

// setupOpen says whether the first agent is still to be made.
func (a *Access) setupOpen(ctx context.Context) (bool, error) {
	n, err := a.store.CountAgents(ctx)
	return n == 0, err
}

// SetupValid says whether the token would make the first administrator now.
func (a *Access) SetupValid(ctx context.Context, token string) (bool, error) {
	return a.store.SetupValid(ctx, digest(token))
}

// CreateFirst makes the first administrator and signs their browser in, for
// [LoginLife]. The token works once; CodeSetupUsed where it is another, or
// where an agent exists.
func (a *Access) CreateFirst(ctx context.Context, token, name, email, password string) (deskside.Agent, string, error) {
	switch open, err := a.setupOpen(ctx); {
	case err != nil:
		return deskside.Agent{}, "", err
	case !open: // the store would say so too, after the work of a hash
		return deskside.Agent{}, "", deskside.Errorf(deskside.CodeSetupUsed, "This link was used, or is wrong.")
	}
	agent, err := a.newAgent(ctx, name, email, password, deskside.Administrator)
	if err != nil {
		return deskside.Agent{}, "", err
	}
	if err := a.store.AddFirstAgent(ctx, agent, digest(token)); err != nil {
		return deskside.Agent{}, "", err
	}
	secret, _, err := a.logIn(ctx, agent.ID)
	return agent, secret, err
}

// AddAgent makes an account. An empty role stands for an administrator where
// it is the first, else for an agent. CodeEmailTaken where somebody has the
// address.
func (a *Access) AddAgent(ctx context.Context, name, email, password string, role deskside.AgentRole) (deskside.Agent, error) {
	if role == "" {
		first, err := a.setupOpen(ctx)
		if err != nil {
			return deskside.Agent{}, err
		}
		role = deskside.Member
		if first {
			role = deskside.Administrator
		}
	}
	agent, err := a.newAgent(ctx, name, email, password, role)
	if err != nil {
		return deskside.Agent{}, err
	}
	if err := a.store.AddAgent(ctx, agent); err != nil {
		return deskside.Agent{}, err
	}
	return agent, nil
}

// newAgent checks what somebody entered for an account.
func (a *Access) newAgent(ctx context.Context, name, email, password string, role deskside.AgentRole) (deskside.Agent, error) {
	email = deskside.CleanEmail(email)
	if err := deskside.CheckAccount(name, email, password); err != nil {
		return deskside.Agent{}, err
	}
	if role != deskside.Administrator && role != deskside.Member {
		return deskside.Agent{}, deskside.Errorf(deskside.CodeInvalid, "A role is %s or %s.", deskside.Administrator, deskside.Member)
	}
	phc, err := a.hasher.hash(ctx, password)
	if err != nil {
		return deskside.Agent{}, err
	}
	return deskside.Agent{
		ID: deskside.AgentID(deskside.NewID()), Name: name, Email: email,
		Role: role, Password: phc, Created: deskside.Timestamp(a.now()),
	}, nil
}

// SetPassword gives an agent a new password and signs all their browsers out.
// CodeNotFound where nobody has the address.
func (a *Access) SetPassword(ctx context.Context, email, password string) error {
	if err := deskside.CheckPassword(password); err != nil {
		return err
	}
	agent, err := a.store.AgentByEmail(ctx, deskside.CleanEmail(email))
	if err != nil {
		return err
	}
	phc, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.store.SetPassword(ctx, agent.ID, phc)
}

// Agents returns everybody who has an account, oldest first.
func (a *Access) Agents(ctx context.Context) ([]deskside.Agent, error) {
	return a.store.Agents(ctx)
}
