// Package servertest runs a whole node in the test's process, on a port of its
// own, with a clock that the test sets, and talks to it as clients do.
package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"deskside"
	"deskside/internal/node"
)

// Wait bounds how long a test waits for anything.
const Wait = 20 * time.Second

// A Clock is what the server takes for the time: the real time, and whatever
// the test added to it.
type Clock struct {
	mu    sync.Mutex // guards ahead
	ahead time.Duration
}

// Now returns the server's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Advance lets d pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// A Server is a running node.
type Server struct {
	URL   string
	Node  *node.Node
	Clock *Clock
	Log   *Log
	setup string
}

// A Log collects what the server logs.
type Log struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns all that was logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Start runs a node until the test ends. change may set fields of its
// configuration. With DESKSIDE_NODES set in the environment it runs two of
// them, see [startTwo].
func Start(t testing.TB, change ...func(*node.Config)) *Server {
	t.Helper()
	s := &Server{Clock: new(Clock), Log: new(Log)}
	config := node.Config{
		Listen: "127.0.0.1:0", Data: t.TempDir(), Organisation: "Example Support", Clock: s.Clock.Now,
		KeyPatience: time.Nanosecond, Logger: slog.New(slog.NewTextHandler(s.Log, nil)),
	}
	for _, f := range change {
		f(&config)
	}
	if os.Getenv("DESKSIDE_NODES") != "" && config.TLSCert == "" {
		s.startTwo(t, config)
		return s
	}
	s.Node, s.URL, _ = s.run(t, config)
	return s
}

// run runs a node until the test ends, or stop is called.
func (s *Server) run(t testing.TB, config node.Config) (n *node.Node, url string, stop func()) {
	t.Helper()
	ready := make(chan string, 1)
	config.Ready = func(u string) { ready <- u }
	ctx, cancel := context.WithCancel(context.Background())
	n, err := node.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	if s.setup, err = n.Access().SetupToken(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- n.Serve(ctx) }()
	select {
	case url = <-ready:
	case err := <-done:
		t.Fatalf("serve: %v", err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	t.Cleanup(stop)
	return n, url, stop
}

// Password is every test agent's.
const Password = "correct horse battery"

// Administrator makes an administrator and signs them in.
func (s *Server) Administrator(t testing.TB, name string) *Client {
	t.Helper()
	return s.signUp(t, name, deskside.Administrator)
}

// Agent makes an agent and signs them in.
func (s *Server) Agent(t testing.TB, name string) *Client {
	t.Helper()
	return s.signUp(t, name, deskside.Member)
}

func (s *Server) signUp(t testing.TB, name string, role deskside.AgentRole) *Client {
	t.Helper()
	email := strings.ToLower(name) + "@example.org"
	if _, err := s.Node.Access().AddAgent(t.Context(), name, email, Password, role); err != nil {
		t.Fatal(err)
	}
	c := s.Browser(t)
	c.SignIn(t, email, Password)
	return c
}

// SetupToken returns the one-time token that makes the first administrator.
func (s *Server) SetupToken() string { return s.setup }

// A Client is a browser: it keeps cookies and says where it comes from.
type Client struct {
	Server *Server
	HTTP   *http.Client
}

// Browser returns a browser without any cookies.
func (s *Server) Browser(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{Server: s, HTTP: &http.Client{
		Jar: jar, Timeout: Wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Cookie returns a cookie of the server.
func (c *Client) Cookie(t testing.TB, name string) *http.Cookie {
	t.Helper()
	for _, cookie := range c.HTTP.Jar.Cookies(c.Server.base(t)) {
		if cookie.Name == name {
			return cookie
		}
	}
	t.Fatalf("no cookie %q", name)
	return nil
}

// SetCookie puts a cookie into the browser.
func (c *Client) SetCookie(t testing.TB, cookie *http.Cookie) {
	t.Helper()
	c.HTTP.Jar.SetCookies(c.Server.base(t), []*http.Cookie{cookie})
}

func (s *Server) base(t testing.TB) *url.URL {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// An Answer is what the server said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Code returns the code of a refusal, or "".
func (a Answer) Code() deskside.Code {
	var p struct {
		Code deskside.Code `json:"code"`
	}
	_ = json.Unmarshal(a.Body, &p) // a page has no code
	return p.Code
}

// Decode reads a JSON answer.
func (a Answer) Decode(t testing.TB, v any) {
	t.Helper()
	if a.Status >= 300 {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
}

// Do sends a request and reads the whole answer.
func (c *Client) Do(t testing.TB, r *http.Request) Answer {
	t.Helper()
	resp, err := c.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{resp.StatusCode, resp.Header, body}
}

// Request makes a request as a page of the server's own makes it.
func (c *Client) Request(t testing.TB, method, path, kind string, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.Server.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", c.Server.URL)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

// Get gets an address.
func (c *Client) Get(t testing.TB, path string) Answer {
	t.Helper()
	return c.Do(t, c.Request(t, http.MethodGet, path, "", nil))
}

// Page gets an address as a browser does for a person.
func (c *Client) Page(t testing.TB, path string) Answer {
	t.Helper()
	r := c.Request(t, http.MethodGet, path, "", nil)
	r.Header.Set("Accept", "text/html")
	return c.Do(t, r)
}

// Post sends JSON.
func (c *Client) Post(t testing.TB, path string, v any) Answer {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(t, c.Request(t, http.MethodPost, path, "application/json", body))
}

// Form sends a form as a browser does for a person.
func (c *Client) Form(t testing.TB, path string, pairs ...string) Answer {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r := c.Request(t, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(values.Encode()))
	r.Header.Set("Accept", "text/html")
	return c.Do(t, r)
}

// SignIn signs an agent in.
func (c *Client) SignIn(t testing.TB, email, password string) {
	t.Helper()
	if a := c.Form(t, "/sign-in", "email", email, "password", password); a.Status != http.StatusSeeOther {
		t.Fatalf("sign in: status %d: %s", a.Status, a.Body)
	}
}

// A KeyCard is a session's key as its agent sees it.
type KeyCard struct {
	Key, Link, Mailto string
	Expires           time.Time
	Visits, WrongKeys int
	QR                map[string]string
}

// Token returns the token of the link.
func (k KeyCard) Token() string { return k.Link[strings.LastIndexByte(k.Link, '/')+1:] }

// StartSession makes a session and returns it with its key.
func (c *Client) StartSession(t testing.TB) (deskside.SessionID, KeyCard) {
	t.Helper()
	var made struct{ ID deskside.SessionID }
	c.Post(t, "/api/sessions", struct{}{}).Decode(t, &made)
	return made.ID, c.KeyCard(t, made.ID)
}

// KeyCard returns the session's key.
func (c *Client) KeyCard(t testing.TB, id deskside.SessionID) (card KeyCard) {
	t.Helper()
	c.Get(t, "/api/sessions/"+string(id)+"/key").Decode(t, &card)
	return card
}

// Join starts the session behind a link.
func (c *Client) Join(t testing.TB, card KeyCard) deskside.ParticipantID {
	t.Helper()
	var entry struct{ You deskside.ParticipantID }
	c.Post(t, "/api/join", map[string]string{"token": card.Token()}).Decode(t, &entry)
	return entry.You
}

// Ask sends one request by POST.
func (c *Client) Ask(t testing.TB, id deskside.SessionID, request map[string]any) Answer {
	t.Helper()
	if request["id"] == nil {
		request["id"] = deskside.NewID()
	}
	return c.Post(t, "/api/sessions/"+string(id)+"/requests", request)
}

// Say posts a message and returns its number.
func (c *Client) Say(t testing.TB, id deskside.SessionID, text string) int64 {
	t.Helper()
	var ack struct{ Seq int64 }
	c.Ask(t, id, map[string]any{"type": "post", "text": text}).Decode(t, &ack)
	return ack.Seq
}

// Events returns every event of the session that c sees.
func (c *Client) Events(t testing.TB, id deskside.SessionID) []deskside.Event {
	t.Helper()
	var frame struct{ Events []deskside.Event }
	c.Get(t, "/api/sessions/"+string(id)+"/events").Decode(t, &frame)
	return frame.Events
}

// Eventually waits until ok, for Wait or as long as within says.
func Eventually(t testing.TB, what string, ok func() bool, within ...time.Duration) {
	t.Helper()
	wait := Wait
	if len(within) > 0 {
		wait = within[0]
	}
	for deadline := time.Now().Add(wait); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", wait, what)
		}
	}
}
