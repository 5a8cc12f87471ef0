package access

import (
	"context"
	"net/netip"
	"time"

	"deskside"
)

// LoginLife is how long a browser stays signed in.
const LoginLife = 7 * 24 * time.Hour

// SignIn checks who somebody is and signs their browser in: it returns the
// secret for its cookie and when that expires.
//
// Errors: CodeWrongPassword, for an unknown email too; CodeTooMany beyond the
// limits on wrong passwords, or where too many sign in at once.
func (a *Access) SignIn(ctx context.Context, email, password string, address netip.Addr) (deskside.Agent, string, time.Time, error) {
	agent, err := a.authenticate(ctx, deskside.CleanEmail(email), password, address)
	if err != nil {
		return deskside.Agent{}, "", time.Time{}, err
	}
	secret, expires, err := a.logIn(ctx, agent.ID)
	if err != nil {
		return deskside.Agent{}, "", time.Time{}, err
	}
	return agent, secret, expires, nil
}

// authenticate returns whose email and password these are. Limits are looked
// at while a place at the hasher is held: so even somebody with many
// connections gets no more tries than the limits allow, but for the other
// place's one.
func (a *Access) authenticate(ctx context.Context, email, password string, address netip.Addr) (deskside.Agent, error) {
	if len(password) > deskside.MaxPassword || len(email) > deskside.MaxEmail {
		return deskside.Agent{}, errWrong()
	}
	leave, err := a.hasher.enter(ctx)
	if err != nil {
		return deskside.Agent{}, err
	}
	defer leave()
	limits := limitsFor(email, address)
	if err := a.withinLimits(ctx, limits); err != nil {
		return deskside.Agent{}, err
	}
	agent, err := a.store.AgentByEmail(ctx, email)
	phc := agent.Password
	switch {
	case deskside.CodeOf(err) == deskside.CodeNotFound:
		phc = a.hasher.nobody // takes as long, and fits no password
	case err != nil:
		return deskside.Agent{}, err
	}
	right, err := verify(phc, password)
	switch {
	case err != nil:
		return deskside.Agent{}, err
	case right:
		return agent, nil
	}
	if err := a.store.AddAttempts(ctx, attempts(limits)...); err != nil {
		return deskside.Agent{}, err
	}
	return deskside.Agent{}, errWrong()
}

func errWrong() error {
	return deskside.Errorf(deskside.CodeWrongPassword, "This email and password don't belong together.")
}

// logIn stores a new login of the agent.
func (a *Access) logIn(ctx context.Context, id deskside.AgentID) (secret string, expires time.Time, err error) {
	secret, expires = deskside.NewID(), deskside.Timestamp(a.now().Add(LoginLife))
	err = a.store.AddLogin(ctx, deskside.Login{MAC: digest(secret), Agent: id, Expires: expires})
	return secret, expires, err
}

// Agent returns who is signed in with the secret; CodeUnauthenticated where
// nobody is. It asks the store each time, so signing out and a new password
// take effect at once, on every node.
func (a *Access) Agent(ctx context.Context, secret string) (deskside.Agent, error) {
	if secret == "" {
		return deskside.Agent{}, errNobody()
	}
	agent, err := a.store.AgentByLogin(ctx, digest(secret), a.now())
	if deskside.CodeOf(err) == deskside.CodeNotFound {
		return deskside.Agent{}, errNobody()
	}
	return agent, err
}

func errNobody() error {
	return deskside.Errorf(deskside.CodeUnauthenticated, "Nobody is signed in.")
}

// SignOut ends the login with the secret, and is content where there is none.
func (a *Access) SignOut(ctx context.Context, secret string) error {
	return a.store.DropLogin(ctx, digest(secret))
}
