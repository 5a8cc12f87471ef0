package desk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"deskside"
)

// A pulse knows how long a node has been saying that it lives.
type pulse struct {
	forgotten atomic.Bool // others took the node for dead

	mu    sync.Mutex // guards what follows
	last  time.Time  // when it said so
	since time.Time  // since when without a break
}

// maxPause is the longest pause between two beats that is no break. Together
// with beatEvery, which others may have missed before it, it is less than
// deadAfter: in a pause that all nodes make together none has died.
const maxPause = 2 * beatEvery

func (p *pulse) beat(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.last) > maxPause {
		p.since = now
	}
	p.last = now
}

// steady says whether others that have not been heard for deadAfter are dead:
// it was not the database that was away.
func (p *pulse) steady(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Sub(p.last) <= maxPause && now.Sub(p.since) >= deadAfter
}

// beat says that the node lives.
func (d *Desk) beat(ctx context.Context) error {
	now := d.now()
	known, err := d.store.Beat(ctx, d.opt.Node)
	if err != nil {
		return err
	}
	if !known {
		d.pulse.forgotten.Store(true)
	}
	d.pulse.beat(now)
	return nil
}

// reconnect makes everybody present again who is connected here, where other
// nodes took this one for dead because it could not say otherwise for long.
func (d *Desk) reconnect(ctx context.Context) error {
	if !d.pulse.forgotten.Swap(false) {
		return nil
	}
	err := d.reconnectAll(ctx)
	if err != nil {
		d.pulse.forgotten.Store(true)
	}
	return err
}

// linesAtOnce is how many lines connect again at a time: they share commits.
const linesAtOnce = 64

func (d *Desk) reconnectAll(ctx context.Context) error {
	lines := d.polled.lines()
	errs := make([]error, min(linesAtOnce, len(lines)))
	var next atomic.Int64
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			for n := next.Add(1); n <= int64(len(lines)) && errs[i] == nil; n = next.Add(1) {
				errs[i] = lines[n-1].again(ctx)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// bereave removes the connections of dead nodes, and tells everybody.
func (d *Desk) bereave(ctx context.Context) error {
	now := d.now()
	if !d.pulse.steady(now) {
		return nil
	}
	lost, err := d.store.Bereave(ctx, now.Add(-deadAfter))
	d.tellLost(ctx, lost)
	for _, g := range lost {
		err = errors.Join(err, d.missHelper(ctx, g.Session))
	}
	return err
}

// stop removes this node, and what connections it still has.
func (d *Desk) stop(ctx context.Context) error {
	lost, err := d.store.Leave(ctx, d.opt.Node)
	d.tellLost(ctx, lost)
	return err
}

// tellLost tells everybody how reachable those are who lost a connection.
func (d *Desk) tellLost(ctx context.Context, lost []deskside.Guest) {
	for _, g := range lost {
		d.tellPresence(ctx, g.Session, g.Participant)
	}
}
