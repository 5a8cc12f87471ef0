package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"deskside"
)

const (
	tick       = time.Second      // how often what is due is looked for
	beatEvery  = 5 * time.Second  // how often a node says that it lives
	deadAfter  = 20 * time.Second // a node that has not is gone, and its connections with it
	sweepEvery = 10 * time.Minute // how often what is too old is erased
	leaveFor   = 5 * time.Second  // how long a node that stops tries to say so
	// attemptsFor is how long failed tries are kept: as long as a key may live.
	attemptsFor = deskside.MaxKeyLife
)

// Run does what time brings, until ctx ends: keys expire, people leave,
// forgotten sessions end, invitations are sent, files are looked after, what is
// old is erased. Any number of nodes may run it; each thing happens once,
// because the log decides. Nothing waits for what else takes long.
func (d *Desk) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { d.carry(ctx) })
	all.Go(func() { d.keep(ctx) })
	all.Go(func() { d.every(ctx, beatEvery, "say that the node lives", d.beat) })
	all.Go(func() { d.every(ctx, 0, "connect everybody again", d.reconnect) })
	all.Go(func() { d.every(ctx, 0, "record lost connections", d.disconnectLate) })
	all.Go(func() { d.every(ctx, beatEvery, "look for dead nodes", d.bereave) })
	all.Go(func() { d.every(ctx, 0, "read the end of the log", d.poll) })
	all.Go(func() { d.every(ctx, 0, "tell who is here once more", d.repeatPresence) })
	all.Go(func() { d.every(ctx, 0, "do what is due", d.Due) })
	all.Go(func() { d.every(ctx, sweepEvery, "erase what is too old", d.erase) })
	all.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveFor)
	defer cancel()
	d.try(last, "say that the node stops", func() error { return d.stop(last) })
}

// every does something until ctx ends: at once, and at each tick at which the
// last time is that long ago, or a tenth of it where it failed.
func (d *Desk) every(ctx context.Context, interval time.Duration, what string, do func(context.Context) error) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var last time.Time
	for {
		if now := d.now(); now.Sub(last) >= interval {
			last = now
			if !d.try(ctx, what, func() error { return do(ctx) }) {
				last = last.Add(interval/10 - interval)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// try says whether something was done, and logs why not.
func (d *Desk) try(ctx context.Context, what string, f func() error) (done bool) {
	err := f()
	if err != nil && ctx.Err() == nil {
		d.log.Warn("could not "+what, "error", err)
	}
	return err == nil
}

// Due does everything that is due now.
func (d *Desk) Due(ctx context.Context) error {
	return errors.Join(d.lapse(ctx), d.leave(ctx), d.endIdle(ctx))
}

func (d *Desk) lapse(ctx context.Context) error {
	overdue, err := d.store.Overdue(ctx, d.now())
	for _, id := range overdue {
		_, e := d.update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
			return logged("", s.Lapse(d.now())), nil
		})
		err = errors.Join(err, e)
	}
	return err
}

func (d *Desk) leave(ctx context.Context) error {
	absent, err := d.store.Absent(ctx, d.now().Add(-deskside.LeaveAfter))
	for _, a := range absent {
		left, e := d.update(ctx, a.Session, func(s *deskside.Session) (deskside.Change, error) {
			return logged("", s.Disconnected(a.Participant, d.now())), nil
		})
		if len(left) > 0 {
			e = d.welcomeBack(ctx, a)
		}
		if e = unlessErased(e); e == nil {
			e = d.store.Settle(ctx, a)
		}
		err = errors.Join(err, e)
	}
	return err
}

// welcomeBack logs that somebody returned who did so just before it was logged
// that they left. Whoever comes is connected first and then looks whether they
// had left; here it is the other way round, so that one sees the other.
func (d *Desk) welcomeBack(ctx context.Context, a deskside.Absence) error {
	is, err := d.presenceOf(ctx, a.Session, a.Participant)
	if err == nil && is.Presence != deskside.Offline {
		d.connected(ctx, a.Participant, a.Session)
	}
	return err
}

func (d *Desk) endIdle(ctx context.Context) error {
	idle, err := d.store.Idle(ctx, d.now().Add(-d.opt.IdleEnd))
	for _, id := range idle {
		_, e := d.update(ctx, id, func(s *deskside.Session) (deskside.Change, error) {
			body, err := s.End(d.now(), deskside.EndedAbandoned)
			if err != nil {
				return deskside.Change{}, nil // ended meanwhile
			}
			return logged("", body), nil
		})
		err = errors.Join(err, e)
	}
	return err
}

func (d *Desk) erase(ctx context.Context) error {
	n, err := d.store.Forget(ctx, d.now().Add(-d.opt.KeepFor), d.now().Add(-attemptsFor))
	if n > 0 {
		d.log.Info("erased sessions that are kept no longer", "sessions", n)
	}
	if err == nil {
		err = d.removeOld(ctx)
	}
	if err == nil && d.opt.KeepAddresses > 0 {
		err = d.store.ForgetAddresses(ctx, d.now().Add(-d.opt.KeepAddresses))
	}
	return err
}
