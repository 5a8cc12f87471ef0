package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
	"deskside/internal/bus"
	"deskside/internal/desk"
	"deskside/internal/store"
)

// A gateway answers as its test says, one answer for each letter.
type gateway struct {
	idempotent bool
	answer     func(n int, l deskside.Letter) (deskside.Posted, error) // n counts from 1
	state      func(reference string) (deskside.Delivery, error)

	mu      sync.Mutex
	letters []deskside.Letter
}

func (g *gateway) Send(_ context.Context, l deskside.Letter) (deskside.Posted, error) {
	g.mu.Lock()
	g.letters = append(g.letters, l)
	n := len(g.letters)
	g.mu.Unlock()
	return g.answer(n, l)
}

func (g *gateway) State(_ context.Context, reference string) (deskside.Delivery, error) {
	return g.state(reference)
}

func (g *gateway) Receipt(values url.Values, _ []byte) (deskside.Delivery, error) {
	if !values.Has("state") {
		return deskside.Delivery{}, errors.New("no state")
	}
	return deskside.Delivery{State: deskside.InvitationState(values.Get("state")), Detail: values.Get("detail")}, nil
}

func (g *gateway) Idempotent() bool { return g.idempotent }

func (g *gateway) sent() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.letters)
}

// An office is a desk with a gateway and a session that waits.
type office struct {
	t       *testing.T
	ahead   *atomic.Int64
	store   *store.Store
	vault   *desk.Vault
	gateway *gateway
	desk    *desk.Desk
	agent   deskside.Actor
	session deskside.SessionID
}

func newOffice(t *testing.T, g *gateway) *office {
	t.Helper()
	o := &office{t: t, ahead: new(atomic.Int64), gateway: g, agent: deskside.Actor{ID: "ada", Role: deskside.RoleAgent, Name: "Ada"}}
	var err error
	if o.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "deskside.db"), store.Options{Clock: o.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if o.vault, err = desk.NewVault(desk.NewSecret()); err != nil {
		t.Fatal(err)
	}
	o.desk = o.open("n1")
	if o.session, err = o.desk.Start(t.Context(), o.agent); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }

// open returns another desk on the same store: another node.
func (o *office) open(node string) *desk.Desk {
	return desk.New(o.store, bus.NewLocal(), desk.Options{
		Vault: o.vault, Node: node, KeyLife: time.Hour, IdleEnd: 24 * time.Hour, KeepFor: time.Hour, Clock: o.now,
		Logger: slog.New(slog.DiscardHandler), Senders: map[deskside.Means]desk.Sender{deskside.BySMS: o.gateway}, DailyLetters: 40,
	})
}

// run lets a desk run until the test or stop ends it.
func (o *office) run(d *desk.Desk) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	o.t.Cleanup(stop)
	return stop
}

func (o *office) draft(to string) desk.Draft {
	return desk.Draft{
		Address: desk.Address{Typed: to, To: to, Language: "en"}, Via: deskside.BySMS, Generation: 1,
		Letter: deskside.Letter{Text: "Open https://example.org/j/x"}, ReceiptsAt: "https://example.org/receipts",
	}
}

func (o *office) send(id, to string) deskside.InvitationID {
	o.t.Helper()
	event, err := o.desk.Send(o.t.Context(), o.agent, o.session, id, o.draft(to))
	if err != nil {
		o.t.Fatal(err)
	}
	return event.Body.(*deskside.Invited).Invitation
}

func (o *office) card(id deskside.InvitationID) desk.InvitationCard {
	o.t.Helper()
	cards, err := o.desk.Invitations(o.t.Context(), o.agent, o.session)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, c := range cards {
		if c.ID == id {
			return c
		}
	}
	o.t.Fatalf("no invitation %s", id)
	return desk.InvitationCard{}
}

// want waits until the invitation is in the state.
func (o *office) want(id deskside.InvitationID, state deskside.InvitationState, why deskside.Why) desk.InvitationCard {
	o.t.Helper()
	for range 500 {
		if c := o.card(id); c.State == state && c.Why == why {
			return c
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Fatalf("the invitation is %+v, want %s %s", o.card(id), state, why)
	return desk.InvitationCard{}
}

func took(int, deskside.Letter) (deskside.Posted, error) {
	return deskside.Posted{Reference: "SM1"}, nil
}

func TestInvitationIsSentOnce(t *testing.T) {
	o := newOffice(t, &gateway{answer: took})
	o.run(o.desk)
	o.run(o.open("n2"))
	id := o.send("r1", "+4915123456789")
	card := o.want(id, deskside.InvitationSent, "")
	if card.To != "+4915123456789" || card.Invitation.To != "+49…789" || card.Tries != 1 {
		t.Errorf("card %+v", card)
	}
	if again := o.send("r1", "+4915123456789"); again != id {
		t.Errorf("the repeated request made %s of %s", again, id)
	}
	job, err := o.store.Job(t.Context(), id)
	if err != nil || job.Letter != nil || !job.Due.IsZero() || job.Reference != "SM1" {
		t.Errorf("job %+v, %v", job, err)
	}
	if n := o.gateway.sent(); n != 1 || o.gateway.letters[0].Invitation != id || o.gateway.letters[0].To != "+4915123456789" {
		t.Errorf("%d letters: %+v", n, o.gateway.letters)
	}
}

func TestGatewayRefuses(t *testing.T) {
	o := newOffice(t, &gateway{answer: func(int, deskside.Letter) (deskside.Posted, error) {
		return deskside.Posted{}, &deskside.SendError{State: deskside.InvitationRefused, Why: deskside.WhyGateway, Detail: "no credit"}
	}})
	o.run(o.desk)
	id := o.send("r1", "+4915123456789")
	if card := o.want(id, deskside.InvitationRefused, deskside.WhyGateway); card.Detail != "no credit" {
		t.Errorf("card %+v", card)
	}
	address, via, err := o.desk.SentTo(t.Context(), o.agent, o.session, id)
	if diff := cmp.Diff(o.draft("+4915123456789").Address, address); diff != "" || via != deskside.BySMS || err != nil {
		t.Errorf("to send again: %s %v %s", via, err, diff)
	}
}

func TestGatewayIsDown(t *testing.T) {
	o := newOffice(t, &gateway{answer: func(n int, l deskside.Letter) (deskside.Posted, error) {
		if n < 3 {
			return deskside.Posted{}, &deskside.SendError{State: deskside.InvitationQueued, Why: deskside.WhyUnreachable}
		}
		return took(n, l)
	}})
	o.run(o.desk)
	id := o.send("r1", "+4915123456789")
	o.want(id, deskside.InvitationQueued, deskside.WhyUnreachable)
	o.ahead.Add(int64(time.Minute))
	for range 500 {
		if o.gateway.sent() == 2 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.want(id, deskside.InvitationQueued, deskside.WhyUnreachable)
	o.ahead.Add(int64(time.Minute))
	if card := o.want(id, deskside.InvitationSent, ""); card.Tries != 3 {
		t.Errorf("card %+v", card)
	}
}

func TestKeyDiesWhileTheGatewayIsDown(t *testing.T) {
	o := newOffice(t, &gateway{answer: func(int, deskside.Letter) (deskside.Posted, error) {
		return deskside.Posted{}, &deskside.SendError{State: deskside.InvitationQueued, Why: deskside.WhyUnreachable}
	}})
	o.run(o.desk)
	id := o.send("r1", "+4915123456789")
	o.want(id, deskside.InvitationQueued, deskside.WhyUnreachable)
	o.ahead.Add(int64(2 * time.Hour))
	o.want(id, deskside.InvitationRefused, deskside.WhyKeyDead)
}

// TestNodeDiesWhileSending: nobody knows whether the gateway took the letter,
// so it is not sent again, unless the gateway recognises it.
func TestNodeDiesWhileSending(t *testing.T) {
	for _, idempotent := range []bool{false, true} {
		o := newOffice(t, &gateway{answer: took, idempotent: idempotent})
		id := o.send("r1", "+4915123456789")
		_, err := o.store.Update(t.Context(), o.session, func(s *deskside.Session) (deskside.Change, error) { // a claim, and no more
			job, err := o.store.Job(context.Background(), id)
			job.Due = o.now().Add(30 * time.Second)
			return deskside.Change{Events: []deskside.Event{{Body: s.Claim(id, o.now())}}, Job: &job}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		o.run(o.open("n2"))
		time.Sleep(50 * time.Millisecond)
		if card := o.card(id); card.State != deskside.InvitationSending || o.gateway.sent() != 0 {
			t.Errorf("before the lease ended: %+v", card)
		}
		o.ahead.Add(int64(time.Minute))
		if idempotent {
			o.want(id, deskside.InvitationQueued, deskside.WhyNoAnswer)
			o.ahead.Add(int64(time.Minute))
			o.want(id, deskside.InvitationSent, "")
			continue
		}
		o.want(id, deskside.InvitationUncertain, deskside.WhyNoAnswer)
		if n := o.gateway.sent(); n != 0 {
			t.Errorf("%d letters were sent by themselves", n)
		}
	}
}

func TestReceipts(t *testing.T) {
	o := newOffice(t, &gateway{answer: took})
	o.run(o.desk)
	id := o.send("r1", "+4915123456789")
	o.want(id, deskside.InvitationSent, "")
	at, err := url.Parse(o.gateway.letters[0].Receipts)
	if err != nil {
		t.Fatal(err)
	}
	mac := filepath.Base(at.Path)
	other := o.send("r2", "+4915123456780")
	for _, forged := range []struct {
		id  deskside.InvitationID
		mac string
	}{{id, ""}, {id, mac + "A"}, {other, mac}, {"none", mac}} {
		if err := o.desk.Receipt(t.Context(), forged.id, forged.mac, url.Values{"state": {"delivered"}}, nil); deskside.CodeOf(err) != deskside.CodeNotFound {
			t.Errorf("forged %+v: %v", forged, err)
		}
	}
	if err := o.desk.Receipt(t.Context(), id, mac, url.Values{}, nil); deskside.CodeOf(err) != deskside.CodeInvalid {
		t.Errorf("an empty receipt: %v", err)
	}
	for _, state := range []string{"delivered", "delivered", "sent", "refused"} { // twice, late, and wrong
		if err := o.desk.Receipt(t.Context(), id, mac, url.Values{"state": {state}}, nil); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
	o.want(id, deskside.InvitationDelivered, "")
}

func TestPolling(t *testing.T) {
	asked := new(atomic.Int64)
	g := &gateway{
		answer: func(int, deskside.Letter) (deskside.Posted, error) {
			return deskside.Posted{Reference: "42", PollAfter: 5 * time.Second}, nil
		},
		state: func(reference string) (deskside.Delivery, error) {
			switch asked.Add(1) {
			case 1:
				return deskside.Delivery{}, errors.New("down")
			case 2:
				return deskside.Delivery{State: deskside.InvitationSent}, nil
			}
			return deskside.Delivery{State: deskside.InvitationRefused, Detail: "off " + reference}, nil
		},
	}
	o := newOffice(t, g)
	o.run(o.desk)
	id := o.send("r1", "+4915123456789")
	o.want(id, deskside.InvitationSent, "")
	for n := int64(1); n <= 3; n++ {
		o.ahead.Add(int64(time.Minute))
		for asked.Load() < n {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond) // until it is stored; else the next minute passes too early and costs one more tick
	}
	if card := o.want(id, deskside.InvitationRefused, deskside.WhyUndelivered); card.Detail != "off 42" {
		t.Errorf("card %+v", card)
	}
}

func TestLimits(t *testing.T) {
	o := newOffice(t, &gateway{answer: took})
	try := func(d *desk.Desk, who deskside.Actor, session deskside.SessionID, to string) deskside.Code {
		t.Helper()
		_, err := d.Send(t.Context(), who, session, deskside.NewID(), o.draft(to))
		return deskside.CodeOf(err)
	}
	other := o.open("n2") // limits hold across nodes
	for range 2 {
		if code := try(o.desk, o.agent, o.session, "+4915123456789"); code != "" {
			t.Fatal(code)
		}
	}
	if code := try(other, o.agent, o.session, "+4915123456789"); code != "" {
		t.Errorf("the third: %s", code)
	}
	if code := try(o.desk, o.agent, o.session, "+4915123456789"); code != deskside.CodeLimitAddress {
		t.Errorf("the fourth to one number: %q", code)
	}
	for i := range 27 {
		if code := try(other, o.agent, o.session, "+49151234567"+string(rune('0'+i/10))+string(rune('0'+i%10))); code != "" {
			t.Fatalf("%d: %s", i, code)
		}
	}
	if code := try(o.desk, o.agent, o.session, "+4915123456700"); code != deskside.CodeLimitAgent {
		t.Errorf("the 31st of one agent: %q", code)
	}
	bob := deskside.Actor{ID: "bob", Role: deskside.RoleAgent, Name: "Bob"}
	session, err := o.desk.Start(t.Context(), bob)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if code := try(o.desk, bob, session, "+4915123457"+string(rune('0'+i))+"00"); code != "" {
			t.Fatalf("bob's %d: %s", i, code)
		}
	}
	if code := try(o.desk, bob, session, "+4915123456799"); code != deskside.CodeLimitDay {
		t.Errorf("the 41st of the day: %q", code)
	}
	o.ahead.Add(int64(61 * time.Minute))
	if code := try(o.desk, bob, session, "+4915123456799"); code != deskside.CodeKeyExpired {
		t.Errorf("with a dead key: %q", code)
	}
}

func TestNoGateway(t *testing.T) {
	o := newOffice(t, &gateway{answer: took})
	draft := o.draft("grace@example.org")
	draft.Via = deskside.ByEmail
	_, err := o.desk.Send(t.Context(), o.agent, o.session, "r1", draft)
	if deskside.CodeOf(err) != deskside.CodeNoGateway {
		t.Errorf("by email: %v", err)
	}
	for _, who := range []deskside.Actor{{ID: "bob", Role: deskside.RoleAgent}, {ID: "eve", Role: deskside.RoleEndUser}} {
		_, err := o.desk.Send(t.Context(), who, o.session, "r2", o.draft("+4915123456789"))
		if code := deskside.CodeOf(err); code != deskside.CodeNotFound && code != deskside.CodeForbidden {
			t.Errorf("as %s: %v", who.ID, err)
		}
	}
}

// TestRing: somebody with a dead link finds the agent who has the Console
// open, and only that one.
func TestRing(t *testing.T) {
	o := newOffice(t, &gateway{answer: took})
	card, err := o.desk.KeyCard(t.Context(), o.agent, o.session)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.desk.RingByLink(t.Context(), card.Token); deskside.CodeOf(err) != deskside.CodeInvalid {
		t.Errorf("with a living link: %v", err)
	}
	if _, err := o.desk.Revoke(t.Context(), o.agent, o.session, "r1"); err != nil {
		t.Fatal(err)
	}
	if ring, err := o.desk.RingByLink(t.Context(), card.Token); err != nil || ring != (desk.Ring{Agent: "Ada"}) {
		t.Errorf("nobody is signed in: %+v, %v", ring, err)
	}
	watch, _, err := o.desk.WatchList(t.Context(), deskside.Actor{ID: "bob", Role: deskside.RoleAgent}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close(t.Context())
	if ring, err := o.open("n2").RingByLink(t.Context(), card.Token); err != nil || ring.Told {
		t.Errorf("another agent is: %+v, %v", ring, err)
	}
	mine, _, err := o.open("n3").WatchList(t.Context(), o.agent, func() {})
	if err != nil {
		t.Fatal(err)
	}
	if ring, err := o.desk.RingByLink(t.Context(), card.Token); err != nil || !ring.Told {
		t.Errorf("the agent is: %+v, %v", ring, err)
	}
	mine.Close(t.Context())
	if ring, err := o.desk.RingByLink(t.Context(), card.Token); err != nil || ring.Told {
		t.Errorf("the agent has gone: %+v, %v", ring, err)
	}
}
