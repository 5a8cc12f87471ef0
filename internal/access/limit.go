package access

import (
	"context"
	"encoding/hex"
	"net/netip"
	"time"

	"deskside"
)

// A limit bounds the wrong passwords about one subject.
type limit struct {
	deskside.Attempt
	most   int
	within time.Duration
}

// The limits on wrong passwords. Who types one wrong again and again is
// stopped by the first. The account's own is wide, so that somebody who knows
// only the email can hardly keep its owner out, and yet a guesser with many
// addresses gets 2,400 tries a day.
const (
	wrongPerPair    = 10 // for one account from one address, in pairWindow
	wrongPerAddress = 30 // for all accounts from one address, in pairWindow
	wrongPerAccount = 100
	pairWindow      = 15 * time.Minute
	accountWindow   = time.Hour
)

// limitsFor returns what bounds tries at the account with the email from the
// address. Accounts that don't exist have the same limits.
func limitsFor(email string, address netip.Addr) []limit {
	account, from := "account "+hex.EncodeToString(digest(email)), "address "+network(address)
	password := func(subject string) deskside.Attempt {
		return deskside.Attempt{Kind: "password", Subject: subject}
	}
	return []limit{
		{password(account + " " + from), wrongPerPair, pairWindow},
		{password(from), wrongPerAddress, pairWindow},
		{password(account), wrongPerAccount, accountWindow},
	}
}

// network returns what one person has of the Internet: an IPv4 address or an
// IPv6 /64.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		p, _ := a.Prefix(64) // fits every IPv6 address, and drops its zone
		return p.String()
	}
	return a.String()
}

func attempts(limits []limit) []deskside.Attempt {
	all := make([]deskside.Attempt, len(limits))
	for i, l := range limits {
		all[i] = l.Attempt
	}
	return all
}

// withinLimits says whether one more try is allowed.
func (a *Access) withinLimits(ctx context.Context, limits []limit) error {
	for _, l := range limits {
		n, err := a.store.CountAttempts(ctx, l.Attempt, a.now().Add(-l.within))
		if err != nil {
			return err
		}
		if n >= l.most {
			e := deskside.Errorf(deskside.CodeTooMany, "Too many wrong passwords. Try again in a few minutes.")
			e.RetryAfter = time.Minute
			return e
		}
	}
	return nil
}
