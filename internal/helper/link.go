package helper

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	// patience is how long the helper goes on without its server.
	patience = 30 * time.Second
	// silence is how long a server that beats every 4 s may say nothing.
	silence = 10 * time.Second
	// answerWait bounds one exchange.
	answerWait = 15 * time.Second
	// maxHeard bounds what the server says at once, in bytes.
	maxHeard = 128 << 10
	// backlog is how many frames may wait for the connection when more are made.
	backlog = 4
)

// client reaches the server, and nothing that it would send the helper to.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// A Pairing is what the server gives for a code.
type Pairing struct {
	Token        string `json:"token"`
	Agent        string `json:"agent"`
	Organisation string `json:"organisation"`
}

// system is what the server calls this one.
func system() string {
	if runtime.GOOS == "darwin" {
		return "macos"
	}
	return runtime.GOOS
}

// pair exchanges a code for a credential. The error is in words for people.
func pair(ctx context.Context, server *url.URL, code string) (p Pairing, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	body, err := json.Marshal(map[string]string{"code": code, "system": system()})
	if err != nil {
		return p, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.JoinPath("/api/helper").String(), bytes.NewReader(body))
	if err != nil {
		return p, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return p, fmt.Errorf("%s can't be reached: %w", server.Host, errors.Unwrap(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxHeard))
	if err != nil {
		return p, err
	}
	var problem struct {
		Detail string `json:"detail"`
	}
	switch {
	case resp.StatusCode == http.StatusOK:
		err = json.Unmarshal(answer, &p)
	case json.Unmarshal(answer, &problem) == nil && problem.Detail != "":
		err = errors.New(problem.Detail)
	default:
		err = fmt.Errorf("%s is no Deskside server, or has no such page (%s)", server.Host, resp.Status)
	}
	return p, err
}

// A State is what the server says of the session. It decides nothing here; it
// can only take away.
type State struct {
	Over         bool   `json:"over"`
	Agent        string `json:"agent"`
	AgentName    string `json:"agentName"`
	Organisation string `json:"organisation"`
	On           bool   `json:"on"`
	Screen       int64  `json:"screen"`
	Frozen       bool   `json:"frozen"`
	AgentHere    bool   `json:"agentHere"`
	Here         bool   `json:"here"`
}

// A heard is one thing that the link brings.
type heard struct {
	state  *State
	aimed  string // what the end-user's page found
	frame  []byte // of package control
	lost   bool   // there is no connection now
	over   error  // there will be none any more
	refuse string // a request was refused, in the server's words
}

// A link is the connection to the server, and comes back by itself.
type link struct {
	client *http.Client
	server *url.URL
	token  string
	heard  chan heard
	say    chan []byte
}

func newLink(server *url.URL, token string) *link {
	return &link{client: client, server: server, token: token, heard: make(chan heard, 64), say: make(chan []byte, 256)}
}

// errOver is why a link ends whose session has no use for it any more.
var errOver = errors.New("the session has ended, or another helper has taken over")

// run keeps the connection up until ctx ends, the server says that there is
// nothing to connect to, its certificate is not valid, or it was not reached for
// patience.
func (l *link) run(ctx context.Context) {
	since := time.Now()
	var untrusted *tls.CertificateVerificationError
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		connected, err := l.connect(ctx)
		if connected {
			since, wait = time.Now(), 100*time.Millisecond
			l.tell(ctx, heard{lost: true})
		}
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errOver):
			l.tell(ctx, heard{over: err})
			return
		case errors.As(err, &untrusted): // it may be another's, and would be told the credential
			l.tell(ctx, heard{over: fmt.Errorf("%s can't be trusted: %w", l.server.Host, untrusted)})
			return
		case time.Since(since) > patience:
			l.tell(ctx, heard{over: fmt.Errorf("%s was out of reach for %s", l.server.Host, patience)})
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (l *link) tell(ctx context.Context, h heard) {
	select {
	case l.heard <- h:
	case <-ctx.Done():
	}
}

// connect holds one connection until it breaks.
func (l *link) connect(ctx context.Context) (connected bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	u := l.server.JoinPath("/api/helper/live")
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	dialing, done := context.WithTimeout(ctx, answerWait)
	defer done()
	conn, resp, err := websocket.Dial(dialing, u.String(), &websocket.DialOptions{
		HTTPClient: l.client,
		HTTPHeader: http.Header{"Authorization": {"Bearer " + l.token}},
	})
	if err != nil {
		if resp != nil && resp.StatusCode == http.StatusUnauthorized {
			return false, errOver
		}
		return false, err
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxHeard)
	for len(l.say) > 0 { // of an older connection
		<-l.say
	}
	go func() {
		defer cancel()
		l.write(ctx, conn)
	}()
	for {
		reading, done := context.WithTimeout(ctx, silence)
		_, b, err := conn.Read(reading)
		done()
		if websocket.CloseStatus(err) == 4000 {
			return true, errOver
		}
		if err != nil {
			return true, err
		}
		l.take(ctx, b)
	}
}

func (l *link) write(ctx context.Context, conn *websocket.Conn) {
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-l.say:
			writing, done := context.WithTimeout(ctx, silence)
			err := conn.Write(writing, websocket.MessageBinary, b)
			done()
			if err != nil {
				return
			}
		}
	}
}

func (l *link) take(ctx context.Context, b []byte) {
	if len(b) == 0 || b[0] != '{' {
		l.tell(ctx, heard{frame: b})
		return
	}
	var said struct {
		Type string `json:"type"`
		State
		Aim     string `json:"aim"`
		Problem struct {
			Detail string `json:"detail"`
		} `json:"problem"`
	}
	if json.Unmarshal(b, &said) != nil {
		return // of a newer server: not for us
	}
	switch said.Type {
	case "beat":
		l.send([]byte(`{"type":"beat"}`))
	case "state":
		l.tell(ctx, heard{state: &said.State})
	case "aimed":
		l.tell(ctx, heard{aimed: said.Aim})
	case "error":
		l.tell(ctx, heard{refuse: said.Problem.Detail})
	}
}

// send says something if there is room; what matters is said again.
func (l *link) send(b []byte) {
	select {
	case l.say <- b:
	default:
	}
}

// busy says whether more would only wait.
func (l *link) busy() bool { return len(l.say) > backlog }

// request asks the server to record something.
func (l *link) request(typ string, fields map[string]any) {
	said := map[string]any{"type": typ, "id": rand.Text()}
	for k, v := range fields {
		said[k] = v
	}
	b, err := json.Marshal(said)
	if err == nil {
		l.send(b)
	}
}
