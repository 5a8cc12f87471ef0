package web_test

import (
	"fmt"
	"testing"

	"deskside"
	"deskside/internal/servertest"
)

// TestTooMuch lets hundreds of clients send without waiting for answers. What
// the server accepts is stored, once and in order; the rest it refuses as
// something to be tried again, and then that works.
func TestTooMuch(t *testing.T) {
	servertest.OneNode(t) // each counts what is on its way to itself
	const clients, each = 300, 100
	s := servertest.Start(t)
	agent := s.Agent(t, "Ada")
	var all [clients]*pusher
	for i := range all {
		id, card := agent.StartSession(t)
		guest := s.Browser(t)
		guest.Join(t, card)
		socket, _ := guest.Live(t, id, 0)
		all[i] = &pusher{socket: socket, client: guest, session: id}
	}
	for n := range each {
		for _, p := range all {
			p.send(t, fmt.Sprintf("%03d", n))
		}
	}
	for _, p := range all {
		p.read(t, each)
	}
	refused := 0
	for i, p := range all {
		refused += p.refused
		want := p.accepted
		got := texts(p.client.Events(t, p.session))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("client %d: the log has %v, accepted was %v", i, got, want)
		}
	}
	t.Logf("%d of %d refused", refused, clients*each)
	if refused == 0 {
		t.Error("nothing was refused")
	}
	all[0].send(t, "again")
	all[0].socket.Next(t, "ack")
}

// A pusher is a client that sends without waiting for answers.
type pusher struct {
	socket   *servertest.Socket
	client   *servertest.Client
	session  deskside.SessionID
	accepted []string
	refused  int
}

func (p *pusher) send(t *testing.T, text string) {
	p.socket.Send(t, map[string]any{"type": "post", "id": text, "text": text})
}

// read reads the answers to n messages.
func (p *pusher) read(t *testing.T, n int) {
	t.Helper()
	for len(p.accepted)+p.refused < n {
		f := p.socket.Until(t, "answer", func(f servertest.Frame) bool { return f.Type == "ack" || f.Type == "error" })
		switch {
		case f.Type == "ack":
			p.accepted = append(p.accepted, f.ID)
		case f.Problem.Code == deskside.CodeUnavailable:
			p.refused++
		default:
			t.Fatalf("message %s was answered with %q", f.ID, f.Problem.Code)
		}
	}
}
