package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var accountCases = map[string]func(*testing.T, *bench){
	"agents are stored and found":                     testAgents,
	"an address belongs to one agent":                 testEmailTaken,
	"the set-up token makes one agent":                testSetup,
	"two use the set-up token at once":                testSetupRace,
	"a newer token puts the older out of use":         testSetupReplaced,
	"logins end in time, by sign-out and by password": testLogins,
}

func (b *bench) agent(id deskside.AgentID, email string) deskside.Agent {
	return deskside.Agent{
		ID: id, Name: "Agent " + string(id), Email: email, Role: deskside.Administrator,
		Password: "$argon2id$" + string(id), Created: deskside.Timestamp(b.now()),
	}
}

func testAgents(t *testing.T, b *bench) {
	ctx := t.Context()
	var want []deskside.Agent
	for _, id := range []deskside.AgentID{"c", "a", "b"} {
		agent := b.agent(id, string(id)+"@example.org")
		must(t, "add an agent", b.AddAgent(ctx, agent))
		want = append(want, agent)
		b.pass(time.Second)
	}
	b.reopen()
	got, err := b.Agents(ctx)
	must(t, "list agents", err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	if n, err := b.CountAgents(ctx); err != nil || n != 3 {
		t.Errorf("%d agents, %v, want 3", n, err)
	}
	if got, err := b.AgentByEmail(ctx, " A@Example.org "); err != nil || !cmp.Equal(got, want[1]) {
		t.Errorf("by email: %+v, %v, want %+v", got, err, want[1])
	}
	_, err = b.AgentByEmail(ctx, "nobody@example.org")
	wantCode(t, "nobody's email", err, deskside.CodeNotFound)
}

func testEmailTaken(t *testing.T, b *bench) {
	must(t, "add an agent", b.AddAgent(t.Context(), b.agent("a", "Ada@example.org")))
	wantCode(t, "the same address", b.AddAgent(t.Context(), b.agent("b", " ada@EXAMPLE.org")), deskside.CodeEmailTaken)
	if n, err := b.CountAgents(t.Context()); err != nil || n != 1 {
		t.Errorf("%d agents, %v, want 1", n, err)
	}
}

func testSetup(t *testing.T, b *bench) {
	ctx := t.Context()
	wantCode(t, "no token was made", b.AddFirstAgent(ctx, b.agent("a", "a@example.org"), []byte("token")), deskside.CodeSetupUsed)
	wantCode(t, "no token at all", b.AddFirstAgent(ctx, b.agent("a", "a@example.org"), nil), deskside.CodeSetupUsed)
	must(t, "set the token", b.SetSetup(ctx, []byte("token")))
	wantCode(t, "another token", b.AddFirstAgent(ctx, b.agent("a", "a@example.org"), []byte("other")), deskside.CodeSetupUsed)
	must(t, "the token", b.AddFirstAgent(ctx, b.agent("a", "a@example.org"), []byte("token")))
	wantCode(t, "the token again", b.AddFirstAgent(ctx, b.agent("b", "b@example.org"), []byte("token")), deskside.CodeSetupUsed)
	must(t, "set another token", b.SetSetup(ctx, []byte("second")))
	wantCode(t, "a token once an agent exists", b.AddFirstAgent(ctx, b.agent("b", "b@example.org"), []byte("second")), deskside.CodeSetupUsed)
	if n, err := b.CountAgents(ctx); err != nil || n != 1 {
		t.Errorf("%d agents, %v, want 1", n, err)
	}
}

func testSetupRace(t *testing.T, b *bench) {
	must(t, "set the token", b.SetSetup(t.Context(), []byte("token")))
	const tries = 10
	var wg sync.WaitGroup
	made := make(chan bool, tries)
	for i := range tries {
		wg.Go(func() {
			agent := b.agent(deskside.AgentID(fmt.Sprint(i)), fmt.Sprintf("%d@example.org", i))
			switch err := b.AddFirstAgent(t.Context(), agent, []byte("token")); {
			case err == nil:
				made <- true
			case deskside.CodeOf(err) != deskside.CodeSetupUsed:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(made) != 1 {
		t.Errorf("%d agents were made, want one", len(made))
	}
}

func testSetupReplaced(t *testing.T, b *bench) {
	must(t, "set the token", b.SetSetup(t.Context(), []byte("older")))
	must(t, "set the token", b.SetSetup(t.Context(), []byte("newer")))
	wantCode(t, "the older token", b.AddFirstAgent(t.Context(), b.agent("a", "a@example.org"), []byte("older")), deskside.CodeSetupUsed)
	must(t, "the newer token", b.AddFirstAgent(t.Context(), b.agent("a", "a@example.org"), []byte("newer")))
}

func testLogins(t *testing.T, b *bench) {
	ctx := t.Context()
	for _, id := range []deskside.AgentID{"a", "b"} {
		must(t, "add an agent", b.AddAgent(ctx, b.agent(id, string(id)+"@example.org")))
	}
	for mac, agent := range map[string]deskside.AgentID{"a1": "a", "a2": "a", "b1": "b"} {
		must(t, "sign in", b.AddLogin(ctx, deskside.Login{MAC: []byte(mac), Agent: agent, Expires: b.now().Add(time.Hour)}))
	}
	whose := func(mac string, at time.Time, want deskside.AgentID) {
		t.Helper()
		got, err := b.AgentByLogin(ctx, []byte(mac), at)
		if got.ID != want || want == "" && deskside.CodeOf(err) != deskside.CodeNotFound {
			t.Errorf("login %s is of %q, %v, want %q", mac, got.ID, err, want)
		}
	}
	whose("a1", b.now(), "a")
	whose("b1", b.now(), "b")
	whose("none", b.now(), "")
	whose("a1", b.now().Add(2*time.Hour), "")
	must(t, "sign out", b.DropLogin(ctx, []byte("a1")))
	must(t, "sign out again", b.DropLogin(ctx, []byte("a1")))
	whose("a1", b.now(), "")
	whose("a2", b.now(), "a")
	must(t, "a new password", b.SetPassword(ctx, "a", "$argon2id$new"))
	whose("a2", b.now(), "")
	whose("b1", b.now(), "b")
	if got, err := b.AgentByEmail(ctx, "a@example.org"); err != nil || got.Password != "$argon2id$new" {
		t.Errorf("the password is %q, %v", got.Password, err)
	}
	wantCode(t, "nobody's password", b.SetPassword(ctx, "nobody", "x"), deskside.CodeNotFound)
}
