package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"deskside"
)

const (
	// sendTimeout bounds one call of a gateway, and lease is how long after
	// its beginning nobody waits for its end any more: whoever made it is gone.
	sendTimeout = 20 * time.Second
	lease       = 30 * time.Second
	// atOnce is how many letters a node has under way.
	atOnce = 8
	// maxTries is how often a letter is handed over that certainly was not
	// taken. With retryAfter that is a little more than a key's usual life.
	maxTries = 10
	// pollFor is how long a gateway is asked what became of a letter.
	pollFor = 24 * time.Hour
)

// retryAfter returns how long to wait after a try that certainly failed.
func retryAfter(tries int) time.Duration {
	waits := []time.Duration{5 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute}
	if tries <= len(waits) {
		return waits[max(tries, 1)-1]
	}
	return 10 * time.Minute
}

// A courier carries letters while Run runs.
type courier struct {
	news chan struct{}
	wg   sync.WaitGroup

	mu   sync.Mutex // guards busy
	busy map[deskside.InvitationID]bool
}

func newCourier() *courier {
	return &courier{news: make(chan struct{}, 1), busy: make(map[deskside.InvitationID]bool)}
}

// wake says that something is to be carried.
func (c *courier) wake() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// take reserves a job for one goroutine of this node.
func (c *courier) take(id deskside.InvitationID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[id] || len(c.busy) >= atOnce {
		return false
	}
	c.busy[id] = true
	return true
}

func (c *courier) drop(id deskside.InvitationID) {
	c.mu.Lock()
	delete(c.busy, id)
	c.mu.Unlock()
}

// carry looks after invitations until ctx ends, and then finishes the calls
// that have begun.
func (d *Desk) carry(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	defer d.courier.wg.Wait()
	for {
		d.try(ctx, "look after invitations", func() error { return d.carryDue(ctx) })
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-d.courier.news:
		}
	}
}

func (d *Desk) carryDue(ctx context.Context) error {
	jobs, err := d.store.DueJobs(ctx, d.now(), 2*atOnce)
	for _, job := range jobs {
		if !d.courier.take(job.Invitation) {
			continue
		}
		d.courier.wg.Go(func() {
			call, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
			defer cancel()
			d.try(ctx, "carry an invitation", func() error {
				err := d.carryOne(call, job)
				d.courier.drop(job.Invitation)
				if err == nil {
					d.courier.wake() // another may wait for its place; after a fault the next tick is early enough
				}
				return err
			})
		})
	}
	return err
}

// carryOne does what is next for one invitation: to send it, to find out that
// whoever sent it is gone, or to ask what became of it.
func (d *Desk) carryOne(ctx context.Context, job deskside.Job) error {
	sender, i, err := d.senderOf(ctx, job)
	if err != nil {
		return err
	}
	now, err := d.store.Job(ctx, job.Invitation)
	if err != nil || !now.Due.Equal(job.Due) {
		return err // another node was faster, and what is known of the job is old
	}
	switch i.State {
	case deskside.InvitationQueued:
		return d.post(ctx, job, sender)
	case deskside.InvitationSending:
		return d.orphaned(ctx, job, sender)
	case deskside.InvitationSent:
		return d.ask(ctx, job, sender, i)
	}
	job.Due = time.Time{}
	return d.move(ctx, job, nil)
}

// senderOf returns who sends an invitation, nil where nobody does any more,
// and how far it has come.
func (d *Desk) senderOf(ctx context.Context, job deskside.Job) (Sender, deskside.Invitation, error) {
	var i deskside.Invitation
	err := d.store.View(ctx, job.Session, func(s *deskside.Session) error {
		if found := s.Invitation(job.Invitation); found != nil {
			i = *found
		}
		return nil
	})
	return d.opt.Senders[i.Via], i, err
}

// move stores what became of an invitation together with what is to be done
// next. A nil change stores only the latter.
func (d *Desk) move(ctx context.Context, job deskside.Job, m *deskside.InvitationMoved) error {
	_, err := d.update(ctx, job.Session, func(s *deskside.Session) (deskside.Change, error) {
		c := deskside.Change{Job: &job}
		if m != nil {
			if body := s.Move(*m); body != nil {
				c.Events = []deskside.Event{{Body: body}}
			}
		}
		return c, nil
	})
	return err
}

// post sends a letter. Before the gateway is called the log says so: whoever
// finds that later, and no end, knows that it may have been sent.
func (d *Desk) post(ctx context.Context, job deskside.Job, sender Sender) error {
	claimed, err := d.claim(ctx, &job)
	if err != nil || !claimed {
		return err
	}
	if sender == nil || job.Letter == nil {
		return d.settle(ctx, job, &deskside.SendError{State: deskside.InvitationRefused, Why: deskside.WhyNoGateway}, 0)
	}
	letter := deskside.Letter{}
	if err := d.vault.openJSON(job.Invitation, job.Letter, &letter); err != nil {
		return err
	}
	letter.Invitation = job.Invitation
	posted, err := sender.Send(ctx, letter)
	if err != nil {
		return d.failed(ctx, job, sender, err)
	}
	job.Letter, job.Reference, job.Due = nil, posted.Reference, time.Time{}
	if posted.PollAfter > 0 {
		job.Due = d.now().Add(posted.PollAfter)
	}
	return d.move(d.after(ctx), job, &deskside.InvitationMoved{Invitation: job.Invitation, State: deskside.InvitationSent})
}

// claim makes the invitation this node's to send.
func (d *Desk) claim(ctx context.Context, job *deskside.Job) (claimed bool, err error) {
	_, err = d.update(ctx, job.Session, func(s *deskside.Session) (deskside.Change, error) {
		claimed = false
		moved := s.Claim(job.Invitation, d.now())
		if moved == nil {
			return deskside.Change{}, nil
		}
		next := *job
		next.Due = d.now().Add(lease)
		if claimed = moved.State == deskside.InvitationSending; !claimed {
			next.Due, next.Letter = time.Time{}, nil
		}
		return deskside.Change{Events: []deskside.Event{{Body: moved}}, Job: &next}, nil
	})
	return claimed, err
}

// failed stores what a failed call means.
func (d *Desk) failed(ctx context.Context, job deskside.Job, sender Sender, err error) error {
	known := &deskside.SendError{State: deskside.InvitationUncertain, Why: deskside.WhyNoAnswer}
	errors.As(err, &known)
	_, i, err := d.senderOf(d.after(ctx), job)
	if err != nil {
		return err
	}
	if known.State == deskside.InvitationUncertain && sender.Idempotent() {
		known.State = deskside.InvitationQueued // it recognises the letter
	}
	return d.settle(d.after(ctx), job, known, i.Tries)
}

// settle ends a call that a gateway did not answer with yes.
func (d *Desk) settle(ctx context.Context, job deskside.Job, e *deskside.SendError, tries int) error {
	moved := &deskside.InvitationMoved{Invitation: job.Invitation, State: e.State, Why: e.Why, Detail: e.Detail}
	switch {
	case e.State == deskside.InvitationQueued && tries < maxTries:
		job.Due = d.now().Add(max(e.After, retryAfter(tries)))
	case e.State == deskside.InvitationQueued:
		moved.State = deskside.InvitationRefused
		if e.Why == deskside.WhyNoAnswer {
			moved.State = deskside.InvitationUncertain
		}
		fallthrough
	default:
		job.Letter, job.Due = nil, time.Time{}
	}
	d.log.Info("an invitation was not sent", "session", job.Session, "invitation", job.Invitation, "state", moved.State, "why", e.Why)
	return d.move(ctx, job, moved)
}

// orphaned looks after a letter whose sender ended in the middle: it may have
// been sent.
func (d *Desk) orphaned(ctx context.Context, job deskside.Job, sender Sender) error {
	if sender == nil {
		return d.settle(ctx, job, &deskside.SendError{State: deskside.InvitationUncertain, Why: deskside.WhyNoAnswer}, 0)
	}
	return d.failed(ctx, job, sender, nil)
}

// ask finds out what became of a letter that the gateway took.
func (d *Desk) ask(ctx context.Context, job deskside.Job, sender Sender, i deskside.Invitation) error {
	if sender == nil || d.now().Sub(i.At) > pollFor {
		job.Due = time.Time{}
		return d.move(ctx, job, nil)
	}
	delivery, err := sender.State(ctx, job.Reference)
	if err != nil {
		d.log.Info("a gateway does not say what became of an invitation", "invitation", job.Invitation, "error", err)
		delivery = deskside.Delivery{}
	}
	job.Polls++
	job.Due = d.now().Add(min(time.Duration(job.Polls)*10*time.Second, 10*time.Minute))
	return d.delivered(d.after(ctx), job, delivery)
}

// delivered stores what a gateway says became of a letter.
func (d *Desk) delivered(ctx context.Context, job deskside.Job, news deskside.Delivery) error {
	moved := &deskside.InvitationMoved{Invitation: job.Invitation, State: news.State, Detail: news.Detail}
	switch news.State {
	case deskside.InvitationDelivered, deskside.InvitationRefused:
		job.Due = time.Time{}
		if news.State == deskside.InvitationRefused {
			moved.Why = deskside.WhyUndelivered
		}
	case deskside.InvitationSent:
		if news.Final {
			job.Due = time.Time{}
		}
	default:
		return d.move(ctx, job, nil)
	}
	return d.move(ctx, job, moved)
}

// after returns a context for storing what a call led to, though the call's
// own time may be over.
func (d *Desk) after(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
