package crashtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"deskside"
)

const (
	inviteKills = 100
	writers     = 12 // agents who invite; one may send 30 invitations in an hour
	// leaseTime is how long the server waits for the end of a call that
	// another process began.
	leaseTime = 30 * time.Second
)

// A phone network counts how often it was given each text.
type network struct {
	mu    sync.Mutex
	taken map[string]int // by the text's first word
}

// ServeHTTP speaks Kannel's sendsms interface, slowly at times.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	before, after := rand.IntN(40), rand.IntN(40)
	time.Sleep(time.Duration(before) * time.Millisecond)
	word, _, _ := strings.Cut(r.FormValue("text"), " ")
	n.mu.Lock()
	n.taken[word]++
	n.mu.Unlock()
	time.Sleep(time.Duration(after) * time.Millisecond)
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprint(w, "0: Accepted for delivery")
}

// A writer is an agent who invites as fast as answers come.
type writer struct {
	browser *browser
	session deskside.SessionID
	words   map[string]string // what was accepted: the request by the personal word
}

// TestKilledServerSendsInvitationsOnce kills the server at random moments of
// sending. What was accepted is sent, once, or said to be in doubt, and then
// it was not sent twice either.
func TestKilledServerSendsInvitationsOnce(t *testing.T) {
	phones := &network{taken: make(map[string]int)}
	gateway := httptest.NewServer(phones)
	defer gateway.Close()
	s := newServer(t)
	s.settings = []string{"--sms-gateway", "kannel", "--sms-url", gateway.URL, "--sms-user", "u", "--sms-password", "p", "--sms-from", "Desk", "--invitations-per-day", "100000"}
	var all []*writer
	for i := range writers {
		s.addAgent(t, fmt.Sprintf("writer%d@example.org", i))
	}
	s.start(t)
	for i := range writers {
		w := &writer{browser: s.signIn(t, fmt.Sprintf("writer%d@example.org", i)), words: make(map[string]string)}
		var made struct{ ID deskside.SessionID }
		w.browser.json(t, "/api/sessions", `{}`, &made)
		w.session = made.ID
		all = append(all, w)
	}
	for n := range inviteKills {
		finish := inviteAll(all, n)
		time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		s.kill(t)
		finish()
		s.start(t)
	}
	settled(t, all)
	check(t, all, phones)
}

// inviteAll lets every fourth agent send an invitation.
func inviteAll(all []*writer, n int) (finish func()) {
	var wg sync.WaitGroup
	for i, w := range all {
		if (i+n)%4 == 0 {
			wg.Go(func() { w.invite(fmt.Sprintf("w%d-%d", i, n)) })
		}
	}
	return wg.Wait
}

// invite asks once; without an answer nobody knows, and nothing is claimed.
func (w *writer) invite(word string) {
	body, err := json.Marshal(map[string]string{
		"id": word, "via": "sms", "to": fmt.Sprintf("+4915%09d", rand.IntN(1_000_000_000)), "country": "DE", "language": "en", "word": word,
	})
	if err != nil {
		panic(err) // a map of strings
	}
	status, answer := w.browser.post("/api/sessions/"+string(w.session)+"/invitations", "application/json", body)
	var accepted struct{ Invitation string }
	if status == http.StatusOK && json.Unmarshal(answer, &accepted) == nil {
		w.words[word] = accepted.Invitation
	}
}

func (w *writer) invitations(t *testing.T) []deskside.Invitation {
	t.Helper()
	var card struct{ Invitations []deskside.Invitation }
	w.browser.get(t, "/api/sessions/"+string(w.session)+"/key", &card)
	return card.Invitations
}

// settled waits until nothing is under way any more.
func settled(t *testing.T, all []*writer) {
	t.Helper()
	for deadline := time.Now().Add(leaseTime + patience); ; time.Sleep(200 * time.Millisecond) {
		waiting := 0
		for _, w := range all {
			for _, i := range w.invitations(t) {
				if i.State == deskside.InvitationQueued || i.State == deskside.InvitationSending {
					waiting++
				}
			}
		}
		if waiting == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d invitations are still under way", waiting)
		}
	}
}

// check holds what the agents know against what the network was given.
func check(t *testing.T, all []*writer, phones *network) {
	t.Helper()
	states := make(map[deskside.InvitationState]int)
	accepted := 0
	for _, w := range all {
		known := make(map[string]deskside.InvitationState)
		for _, i := range w.invitations(t) {
			known[string(i.ID)] = i.State
			states[i.State]++
		}
		for word, id := range w.words {
			accepted++
			switch taken := phones.taken[word]; {
			case known[id] == "":
				t.Errorf("%s was accepted and is forgotten", word)
			case known[id] == deskside.InvitationSent && taken != 1:
				t.Errorf("%s is sent, and the network was given it %d times", word, taken)
			case known[id] == deskside.InvitationRefused:
				t.Errorf("%s is refused, which nobody did", word)
			}
		}
	}
	for word, taken := range phones.taken {
		if taken > 1 {
			t.Errorf("the network was given %s %d times", word, taken)
		}
	}
	t.Logf("%d kills, %d accepted, %v, %d given to the network", inviteKills, accepted, states, len(phones.taken))
	if states[deskside.InvitationUncertain] == 0 || states[deskside.InvitationSent] == 0 {
		t.Error("no kill came while a gateway was asked, or all did: this test shows nothing")
	}
}
