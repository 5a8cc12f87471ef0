package desk

import (
	"context"
	"net/netip"
	"time"

	"deskside"
)

// Nine digits can be guessed by many who share the work, so wrong ones are
// counted for the address, its neighbourhood and the server (SECURITY 10).
const (
	wrongPerAddress       = 10 // in keyWindow; an IPv6 /64 is one address
	wrongPerNeighbourhood = 30 // in keyWindow; /24 and /48
	wrongPerServer        = 60 // in a minute; beyond it answers queue
	keyWindow             = 10 * time.Minute
	maxQueue              = 10 * time.Second
)

const attemptKey = "key"

// wrongKeysTopic is where notices of wrong keys go, which belong to no
// session. No session has this id: theirs are 26 characters long.
const wrongKeysTopic deskside.SessionID = "wrong-keys"

// mayTry refuses somebody who typed too many wrong keys, and lets everybody
// wait while the whole server is being guessed at. The key counts as a wrong
// one from now on, so that of many at once none gets by, until wasRight.
func (d *Desk) mayTry(ctx context.Context, from netip.Addr) error {
	near, wide := wrongFrom(from)
	since := d.now().Add(-keyWindow)
	over, err := d.store.Spend(ctx, []deskside.Allowance{
		{Attempt: near, Since: since, Most: wrongPerAddress},
		{Attempt: wide, Since: since, Most: wrongPerNeighbourhood},
	})
	if err != nil {
		return err
	}
	if over >= 0 {
		e := deskside.Errorf(deskside.CodeTooMany, "Too many wrong keys came from here. Wait some minutes, or ask for the link instead.")
		e.RetryAfter = keyWindow
		return e
	}
	return d.queue(ctx)
}

// wasRight takes back that a key counts as a wrong one.
func (d *Desk) wasRight(ctx context.Context, from netip.Addr) {
	near, wide := wrongFrom(from)
	if err := d.store.Refund(ctx, near, wide); err != nil {
		d.log.Warn("a key that was not wrong counts as wrong", "error", err)
	}
}

// queue delays an answer while more wrong keys come than people make.
func (d *Desk) queue(ctx context.Context) error {
	n, err := d.wrongKeys(ctx, d.now().Add(-time.Minute))
	if err != nil || n < wrongPerServer {
		return err
	}
	d.log.Warn("somebody guesses Support Keys", "wrong_in_the_last_minute", n)
	return pause(ctx, min(maxQueue, time.Duration(n-wrongPerServer+1)*200*time.Millisecond))
}

// wrongKeys returns how many wrong keys were typed on this server since then.
func (d *Desk) wrongKeys(ctx context.Context, since time.Time) (int, error) {
	return d.store.CountAttempts(ctx, deskside.Attempt{Kind: attemptKey}, since)
}

// wrongKey counts a wrong key for the server, and tells every agent who waits
// for somebody.
func (d *Desk) wrongKey(ctx context.Context) error {
	if err := d.store.AddAttempts(ctx, deskside.Attempt{Kind: attemptKey}); err != nil {
		return err
	}
	d.signal(wrongKeysTopic, "", deskside.Signal{Kind: deskside.SignalWrongKeys})
	return nil
}

// wrongFrom are the attempts as which a wrong key counts for where it came
// from.
func wrongFrom(from netip.Addr) (near, wide deskside.Attempt) {
	n, w := neighbourhood(from)
	return deskside.Attempt{Kind: attemptKey, Subject: n}, deskside.Attempt{Kind: attemptKey, Subject: w}
}

// neighbourhood returns the networks that an address counts for: itself (an
// IPv6 /64) and what is around it (/24, /48).
func neighbourhood(from netip.Addr) (near, wide string) {
	from = from.Unmap()
	own, around := 32, 24
	if from.Is6() {
		own, around = 64, 48
	}
	n, _ := from.Prefix(own) // the lengths are valid; an invalid address gives the zero prefix
	w, _ := from.Prefix(around)
	return n.String(), w.String()
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
