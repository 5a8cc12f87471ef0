package storetest

import (
	"testing"
	"time"

	"deskside"
)

func (b *bench) account(t *testing.T, id deskside.AgentID) deskside.Agent {
	t.Helper()
	a := deskside.Agent{ID: id, Name: "Ada", Email: string(id) + "@example.org", Role: deskside.Member, Password: "phc", Created: b.clock()}
	must(t, b.AddAgent(t.Context(), a))
	return a
}

func accounts(t *testing.T, b *bench) {
	ada := b.account(t, "ada")
	b.pass(time.Minute)
	bob := b.account(t, "bob")
	all, err := b.Agents(t.Context())
	must(t, err)
	same(t, "agents", []deskside.Agent{ada, bob}, all)
	got, err := b.AgentByEmail(t.Context(), " ADA@example.org")
	must(t, err)
	same(t, "by email", ada, got)
	_, err = b.AgentByEmail(t.Context(), "eve@example.org")
	wantCode(t, "an unknown email", err, deskside.CodeNotFound)
	wantCode(t, "an email twice", b.AddAgent(t.Context(), deskside.Agent{ID: "x", Email: "Bob@Example.org"}), deskside.CodeEmailTaken)
	wantCode(t, "a password for nobody", b.SetPassword(t.Context(), "eve", "phc"), deskside.CodeNotFound)
}

func firstAccount(t *testing.T, b *bench) {
	must(t, b.SetSetup(t.Context(), []byte("older")))
	must(t, b.SetSetup(t.Context(), []byte("token")))
	ada := deskside.Agent{ID: "ada", Name: "Ada", Email: "ada@example.org", Role: deskside.Administrator, Created: b.clock()}
	wantCode(t, "a replaced token", b.AddFirstAgent(t.Context(), ada, []byte("older")), deskside.CodeSetupUsed)
	must(t, b.AddFirstAgent(t.Context(), ada, []byte("token")))
	bob := ada
	bob.ID, bob.Email = "bob", "bob@example.org"
	wantCode(t, "the token again", b.AddFirstAgent(t.Context(), bob, []byte("token")), deskside.CodeSetupUsed)
	must(t, b.SetSetup(t.Context(), []byte("fresh")))
	wantCode(t, "a second first one", b.AddFirstAgent(t.Context(), bob, []byte("fresh")), deskside.CodeSetupUsed)
	n, err := b.CountAgents(t.Context())
	must(t, err)
	same(t, "agents", 1, n)
}

func logins(t *testing.T, b *bench) {
	ada := b.account(t, "ada")
	login := deskside.Login{MAC: []byte("one"), Agent: "ada", Expires: b.clock().Add(time.Hour)}
	must(t, b.AddLogin(t.Context(), login))
	login.MAC = []byte("two")
	must(t, b.AddLogin(t.Context(), login))
	got, err := b.AgentByLogin(t.Context(), []byte("one"), b.clock())
	must(t, err)
	same(t, "whose login", ada, got)
	_, err = b.AgentByLogin(t.Context(), []byte("one"), b.clock().Add(time.Hour))
	wantCode(t, "an expired login", err, deskside.CodeNotFound)
	must(t, b.DropLogin(t.Context(), []byte("one")))
	must(t, b.DropLogin(t.Context(), []byte("one")))
	_, err = b.AgentByLogin(t.Context(), []byte("one"), b.clock())
	wantCode(t, "a dropped login", err, deskside.CodeNotFound)
	must(t, b.SetPassword(t.Context(), "ada", "new phc"))
	_, err = b.AgentByLogin(t.Context(), []byte("two"), b.clock())
	wantCode(t, "a login from before the new password", err, deskside.CodeNotFound)
}
