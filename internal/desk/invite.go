package desk

import (
	"context"
	"crypto/hmac"
	"net/url"
	"slices"
	"time"

	"deskside"
)

// An Address is where an invitation goes, and how its writer wanted it.
type Address struct {
	Typed    string `json:"typed"` // as the agent typed it
	To       string `json:"to"`    // E.164, or an email address
	Country  string `json:"country,omitempty"`
	Language string `json:"language"`
	Word     string `json:"word,omitempty"` // a personal word
}

// A Draft is an invitation that an agent wants the server to send.
type Draft struct {
	Address
	Via        deskside.Means
	Generation int             // of the key in the letter
	Letter     deskside.Letter // without its invitation
	ReceiptsAt string          // URL of the receipts; the invitation's own are below it
}

// The limits of SECURITY 11, against text message pumping.
const (
	perAddress   = 3 // in limitWindow
	perAgent     = 30
	limitWindow  = time.Hour
	limitDay     = 24 * time.Hour
	defaultDaily = 500
)

// Send stores an invitation that the server is to send, and returns at once.
// Repeated with the same request id, it sends nothing more.
func (d *Desk) Send(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, draft Draft) (deskside.Event, error) {
	if who.Role != deskside.RoleAgent {
		return deskside.Event{}, deskside.Errorf(deskside.CodeForbidden, "Only an agent can do that.")
	}
	if d.opt.Senders[draft.Via] == nil {
		return deskside.Event{}, deskside.Errorf(deskside.CodeNoGateway, "This server can't send invitations by %s.", draft.Via)
	}
	job, err := d.newJob(session, draft)
	if err != nil {
		return deskside.Event{}, err
	}
	if err := d.maySend(ctx, who, session, id, draft); err != nil {
		return deskside.Event{}, err
	}
	body := deskside.Invited{Via: draft.Via, Invitation: job.Invitation, To: deskside.HideAddress(draft.To)}
	event, err := d.actWith(ctx, order{who, session, id, &body,
		func(s *deskside.Session, now time.Time) (deskside.Body, error) {
			if s.KeyGeneration != draft.Generation {
				return nil, deskside.Errorf(deskside.CodeKeyRevoked, "Another new key was made just now.")
			}
			return s.Invite(body, now)
		}}, deskside.Change{Job: job})
	if err == nil {
		d.courier.wake()
	}
	return event, err
}

// newJob seals what the courier needs.
func (d *Desk) newJob(session deskside.SessionID, draft Draft) (*deskside.Job, error) {
	id := deskside.InvitationID(deskside.NewID())
	draft.Letter.To = draft.To
	if draft.ReceiptsAt != "" {
		draft.Letter.Receipts = draft.ReceiptsAt + "/" + string(id) + "/" + d.vault.receiptMAC(id)
	}
	address, err := d.vault.sealJSON(id, draft.Address)
	if err != nil {
		return nil, err
	}
	letter, err := d.vault.sealJSON(id, draft.Letter)
	if err != nil {
		return nil, err
	}
	return &deskside.Job{Invitation: id, Session: session, Address: address, Letter: letter, Due: d.now()}, nil
}

// maySend counts the invitation against the limits, unless it was counted
// already or can't be sent anyway.
func (d *Desk) maySend(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, draft Draft) error {
	var seen bool
	var refusal error
	err := d.view(ctx, who, session, func(s *deskside.Session) {
		seen = s.Seen(who.ID, id) != 0
		_, refusal = s.Invite(deskside.Invited{Via: draft.Via, Invitation: "?"}, d.now())
	})
	if err != nil || seen {
		return err
	}
	if refusal != nil {
		return refusal
	}
	return d.spend(ctx, who, draft)
}

func (d *Desk) spend(ctx context.Context, who deskside.Actor, draft Draft) error {
	kind := string(draft.Via)
	hour, day := d.now().Add(-limitWindow), d.now().Add(-limitDay)
	over, err := d.store.Spend(ctx, []deskside.Allowance{
		{Attempt: deskside.Attempt{Kind: kind, Subject: d.vault.addressMAC(draft.To)}, Since: hour, Most: perAddress},
		{Attempt: deskside.Attempt{Kind: kind, Subject: "agent " + string(who.ID)}, Since: hour, Most: perAgent},
		{Attempt: deskside.Attempt{Kind: kind}, Since: day, Most: d.opt.DailyLetters},
	})
	if err != nil || over < 0 {
		return err
	}
	d.log.Warn("invitations reached a limit", "via", kind, "limit", []string{"address", "agent", "day"}[over], "agent", who.ID)
	refusal := []*deskside.Error{
		deskside.Errorf(deskside.CodeLimitAddress, "%d invitations went to this address within an hour. Wait a little, or take another way.", perAddress),
		deskside.Errorf(deskside.CodeLimitAgent, "You have sent %d invitations within an hour. Wait a little, or take another way.", perAgent),
		deskside.Errorf(deskside.CodeLimitDay, "This server has sent %d invitations within a day, its limit. Take another way.", d.opt.DailyLetters),
	}[over]
	refusal.RetryAfter = 10 * time.Minute
	return refusal
}

// An InvitationCard is what the agent sees of an invitation.
type InvitationCard struct {
	deskside.Invitation
	To    string `json:"to"`    // the whole address; empty once it is erased
	Typed string `json:"typed"` // likewise
}

// Invitations returns those of a session that the server sends, newest first.
func (d *Desk) Invitations(ctx context.Context, who deskside.Actor, session deskside.SessionID) ([]InvitationCard, error) {
	cards := []InvitationCard{}
	err := d.view(ctx, who, session, func(s *deskside.Session) {
		for _, i := range s.Invitations() {
			cards = append(cards, InvitationCard{Invitation: *i})
		}
	})
	if err != nil || len(cards) == 0 {
		return cards, err
	}
	jobs, err := d.store.JobsOf(ctx, session)
	if err != nil {
		return nil, err
	}
	for _, job := range jobs {
		n := slices.IndexFunc(cards, func(c InvitationCard) bool { return c.ID == job.Invitation })
		if n < 0 || job.Address == nil {
			continue
		}
		var a Address
		if err := d.vault.openJSON(job.Invitation, job.Address, &a); err != nil {
			return nil, err
		}
		cards[n].To, cards[n].Typed = a.To, a.Typed
	}
	slices.Reverse(cards)
	return cards, nil
}

// SentTo returns where an invitation of the session went, to send another
// there. CodeNotFound where that is not known any more, CodeInvalid while it
// is under way.
func (d *Desk) SentTo(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.InvitationID) (Address, deskside.Means, error) {
	var a Address
	var via deskside.Means
	var state deskside.InvitationState
	err := d.view(ctx, who, session, func(s *deskside.Session) {
		if i := s.Invitation(id); i != nil {
			via, state = i.Via, i.State
		}
	})
	switch {
	case err != nil:
		return a, via, err
	case state == "":
		return a, via, deskside.Errorf(deskside.CodeNotFound, "There is no such invitation.")
	case state == deskside.InvitationQueued || state == deskside.InvitationSending:
		return a, via, deskside.Errorf(deskside.CodeInvalid, "This invitation is still under way.")
	}
	job, err := d.store.Job(ctx, id)
	if err == nil && job.Address == nil {
		err = deskside.Errorf(deskside.CodeNotFound, "The address of this invitation is kept no longer.")
	}
	if err != nil {
		return a, via, err
	}
	return a, via, d.vault.openJSON(id, job.Address, &a)
}

// Receipt takes what a gateway says of its own accord of an invitation. mac
// proves that it was asked to. CodeNotFound for anybody else.
func (d *Desk) Receipt(ctx context.Context, id deskside.InvitationID, mac string, values url.Values, body []byte) error {
	nothing := deskside.Errorf(deskside.CodeNotFound, "There is nothing here.")
	if !hmac.Equal([]byte(mac), []byte(d.vault.receiptMAC(id))) {
		return nothing
	}
	job, err := d.store.Job(ctx, id)
	if err != nil {
		return err
	}
	sender, _, err := d.senderOf(ctx, job)
	if err != nil || sender == nil {
		return err
	}
	delivery, err := sender.Receipt(values, body)
	if err != nil {
		return deskside.Errorf(deskside.CodeInvalid, "This receipt can't be read: %w", err)
	}
	return d.delivered(ctx, job, delivery)
}

// Texts returns the team's own texts of invitations, by language.
func (d *Desk) Texts(ctx context.Context) (map[string]deskside.InvitationTexts, error) {
	return d.store.Texts(ctx)
}

// SetTexts replaces the team's own texts of one language. Only an
// administrator may.
func (d *Desk) SetTexts(ctx context.Context, who deskside.Actor, language string, t deskside.InvitationTexts) error {
	if !who.Admin {
		return deskside.Errorf(deskside.CodeForbidden, "Only an administrator changes the texts of invitations.")
	}
	return d.store.SetTexts(ctx, language, t)
}

// Sends says whether the server can send invitations by the means.
func (d *Desk) Sends(via deskside.Means) bool { return d.opt.Senders[via] != nil }
