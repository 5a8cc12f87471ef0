package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var jobCases = map[string]func(*testing.T, *bench){
	"a job is stored with its event, and changed with or without one": testJob,
	"what is due is found, the longest due first":                     testDueJobs,
	"letters are wiped once the key is dead":                          testLettersWiped,
	"addresses are erased after their time":                           testForgetAddresses,
	"a refused change stores no job":                                  testJobRefused,
	"an allowance is spent whole or not at all":                       testSpend,
	"what is refunded can be spent again":                             testRefund,
	"no allowance is overspent by many at once":                       testSpendRace,
	"texts are kept by language":                                      testTexts,
}

// invite stores an invitation with its job.
func (b *bench) invite(session deskside.SessionID, id deskside.InvitationID, due time.Time) deskside.Job {
	b.t.Helper()
	job := deskside.Job{Invitation: id, Session: session, Address: []byte("address " + id), Letter: []byte("letter " + id), Due: due}
	_, err := b.Update(b.t.Context(), session, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Events: []deskside.Event{{By: asAda, Body: &deskside.Invited{Via: deskside.BySMS, Invitation: id}}}, Job: &job}, nil
	})
	must(b.t, "invite", err)
	return job
}

func (b *bench) setJob(job deskside.Job, bodies ...deskside.Body) {
	b.t.Helper()
	var events []deskside.Event
	for _, body := range bodies {
		events = append(events, deskside.Event{Body: body})
	}
	_, err := b.Update(b.t.Context(), job.Session, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Events: events, Job: &job}, nil
	})
	must(b.t, "change the job", err)
}

func (b *bench) wantJobs(what string, got []deskside.Job, err error, want ...deskside.Job) {
	b.t.Helper()
	must(b.t, what, err)
	if diff := cmp.Diff(append([]deskside.Job{}, want...), got); diff != "" {
		b.t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

func testJob(t *testing.T, b *bench) {
	id := b.start(ada)
	job := b.invite(id, "i1", b.now())
	got, err := b.Job(t.Context(), "i1")
	b.wantJobs("as it was made", []deskside.Job{got}, err, job)
	job.Letter, job.Due, job.Reference, job.Polls = nil, b.now().Add(time.Minute), "SM1", 2
	b.setJob(job, &deskside.InvitationMoved{Invitation: "i1", State: deskside.InvitationSending})
	b.reopen()
	all, err := b.JobsOf(t.Context(), id)
	b.wantJobs("changed, after a restart", all, err, job)
	job.Due = time.Time{}
	b.setJob(job)
	got, err = b.Job(t.Context(), "i1")
	b.wantJobs("changed without an event", []deskside.Job{got}, err, job)
	_, err = b.Job(t.Context(), "none")
	wantCode(t, "no such job", err, deskside.CodeNotFound)
}

func testDueJobs(t *testing.T, b *bench) {
	id, now := b.start(ada), b.now()
	later := b.invite(id, "later", now.Add(time.Second))
	second, first := b.invite(id, "second", now), b.invite(id, "first", now.Add(-time.Second))
	never := b.invite(id, "never", now)
	never.Due = time.Time{}
	b.setJob(never)
	due, err := b.DueJobs(t.Context(), now, 10)
	b.wantJobs("due now", due, err, first, second)
	due, err = b.DueJobs(t.Context(), now, 1)
	b.wantJobs("the first of them", due, err, first)
	due, err = b.DueJobs(t.Context(), now.Add(time.Second), 10)
	b.wantJobs("due later", due, err, first, second, later)
}

func testLettersWiped(t *testing.T, b *bench) {
	for name, body := range map[string]deskside.Body{
		"arrived": &deskside.Arrived{Participant: "e1", Role: deskside.RoleEndUser},
		"revoked": &deskside.KeyRevoked{}, "ended": &deskside.Ended{Reason: deskside.EndedByAgent},
	} {
		id := b.start(ada)
		job := b.invite(id, deskside.InvitationID(name), b.now())
		b.do(id, asAda, body)
		job.Letter = nil
		all, err := b.JobsOf(t.Context(), id)
		b.wantJobs(name, all, err, job)
	}
}

func testForgetAddresses(t *testing.T, b *bench) {
	id := b.start(ada)
	old := b.invite(id, "old", time.Time{})
	b.pass(time.Hour)
	young := b.invite(id, "young", time.Time{})
	must(t, "forget addresses", b.ForgetAddresses(t.Context(), b.now().Add(-time.Minute)))
	old.Address = nil
	all, err := b.JobsOf(t.Context(), id)
	b.wantJobs("an hour later", all, err, old, young)
}

func testJobRefused(t *testing.T, b *bench) {
	id := b.start(ada)
	_, err := b.Update(t.Context(), id, func(*deskside.Session) (deskside.Change, error) {
		return deskside.Change{Job: &deskside.Job{Invitation: "i1", Session: id}}, deskside.Errorf(deskside.CodeInvalid, "No.")
	})
	wantCode(t, "refused", err, deskside.CodeInvalid)
	_, err = b.Job(t.Context(), "i1")
	wantCode(t, "its job", err, deskside.CodeNotFound)
}

func testSpend(t *testing.T, b *bench) {
	spend := func(most ...int) int {
		t.Helper()
		since := b.now().Add(-time.Hour)
		over, err := b.Spend(t.Context(), []deskside.Allowance{
			{Attempt: deskside.Attempt{Kind: "sms", Subject: "number"}, Since: since, Most: most[0]},
			{Attempt: deskside.Attempt{Kind: "sms"}, Since: since, Most: most[1]},
		})
		must(t, "spend", err)
		return over
	}
	for i, want := range []int{-1, -1, 0, 0} {
		if got := spend(2, 9); got != want {
			t.Errorf("spend %d: %d, want %d", i, got, want)
		}
	}
	if got := spend(9, 2); got != 1 {
		t.Errorf("the second allowance: %d", got)
	}
	if n, err := b.CountAttempts(t.Context(), deskside.Attempt{Kind: "sms"}, b.now().Add(-time.Hour)); n != 2 || err != nil {
		t.Errorf("counted %d, %v; a refusal counts nothing", n, err)
	}
	b.pass(time.Hour + time.Second)
	if got := spend(2, 9); got != -1 {
		t.Errorf("an hour later: %d", got)
	}
}

func testRefund(t *testing.T, b *bench) {
	ctx := t.Context()
	one, other := deskside.Attempt{Kind: "k", Subject: "one"}, deskside.Attempt{Kind: "k", Subject: "other"}
	must(t, "add", b.AddAttempts(ctx, one, one, one, other))
	b.pass(time.Minute)
	must(t, "add", b.AddAttempts(ctx, one))
	for want := 3; want >= 0; want-- {
		must(t, "refund", b.Refund(ctx, one))
		if n, err := b.CountAttempts(ctx, one, time.Time{}); err != nil || n != want {
			t.Errorf("%d attempts are left, %v, want %d", n, err, want)
		}
	}
	must(t, "refund nothing", b.Refund(ctx, one))
	if n, err := b.CountAttempts(ctx, other, time.Time{}); err != nil || n != 1 {
		t.Errorf("%d other attempts are left, %v, want 1", n, err)
	}
}

func testSpendRace(t *testing.T, b *bench) {
	var all sync.WaitGroup
	results := make(chan int, 20)
	for range cap(results) {
		all.Go(func() {
			over, err := b.Spend(t.Context(), []deskside.Allowance{{Attempt: deskside.Attempt{Kind: "sms"}, Since: b.now(), Most: 3}})
			if err != nil {
				t.Error(err)
			}
			results <- over
		})
	}
	all.Wait()
	close(results)
	spent := 0
	for over := range results {
		if over < 0 {
			spent++
		}
	}
	if spent != 3 {
		t.Errorf("%d of an allowance of 3", spent)
	}
}

func testTexts(t *testing.T, b *bench) {
	de := deskside.InvitationTexts{SMS: "Hallo {link}", Subject: "Hilfe", Mail: "Zum Chat: {link}"}
	must(t, "set texts", b.SetTexts(t.Context(), "de", deskside.InvitationTexts{SMS: "x"}))
	must(t, "replace texts", b.SetTexts(t.Context(), "de", de))
	got, err := b.Texts(t.Context())
	must(t, "read texts", err)
	if diff := cmp.Diff(map[string]deskside.InvitationTexts{"de": de}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
