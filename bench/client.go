package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lxzan/gws"

	"deskside/internal/wire"
)

// A server is the one under load: a process of its own with data of its own,
// unless the settings name another.
type server struct {
	url     string
	process *exec.Cmd // nil for another's
	folder  string
	agent   *client
	ready   time.Duration // from the start of the process to its first ready answer
}

// startServer runs the server that the settings name, with more of its own
// settings, and signs an agent in.
func startServer(s settings, more ...string) (*server, error) {
	if s.server != "" {
		return (&server{url: s.server}).signIn(s.email, s.password)
	}
	folder, err := os.MkdirTemp("", "deskside-bench-")
	if err != nil {
		return nil, err
	}
	srv := &server{url: "http://" + s.address, folder: folder}
	data := filepath.Join(folder, "data")
	add := exec.Command(s.binary, "agent", "add", "--data", data, "--name", "Bench", "--email", s.email)
	add.Stdin = strings.NewReader(s.password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("add an agent: %w: %s", err, out)
	}
	if err := srv.start(s.binary, s.address, data, more...); err != nil {
		srv.stop()
		return nil, err
	}
	return srv.signIn(s.email, s.password)
}

// start starts the process and waits until it is ready.
func (s *server) start(binary, address, data string, more ...string) error {
	s.process = exec.Command(binary, append([]string{"serve", "--listen", address, "--base-url", s.url, "--data", data}, more...)...)
	s.process.Stderr = &firstLines{to: os.Stderr, left: 10}
	began := time.Now()
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	if err := s.waitReady(); err != nil {
		return err
	}
	s.ready = time.Since(began)
	return nil
}

// firstLines passes on what a server logs, up to some writes: under load one
// fault makes thousands of lines.
type firstLines struct {
	to   io.Writer
	left int
}

// Write implements [io.Writer]. One goroutine copies what a process writes.
func (f *firstLines) Write(p []byte) (int, error) {
	f.left--
	switch {
	case f.left == 0:
		fmt.Fprintln(f.to, "… and more")
	case f.left > 0:
		return f.to.Write(p)
	}
	return len(p), nil
}

func (s *server) waitReady() error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		resp, err := http.Get(s.url + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s is not ready", s.url)
}

func (s *server) signIn(email, password string) (*server, error) {
	s.agent = newClient(s.url)
	form := url.Values{"email": {email}, "password": {password}}
	status, body, err := s.agent.send("/sign-in", "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("status %d: %s", status, body)
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return s, nil
}

// meter begins to measure what the server takes.
func (s *server) meter() (meter, error) {
	if s.process == nil {
		return meter{}, nil
	}
	return newMeter(s.process.Process.Pid)
}

// stop ends the process and removes its data.
func (s *server) stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill() // it may have ended itself
	_ = s.process.Wait()
	os.RemoveAll(s.folder)
}

// A client is a browser as far as load needs one.
type client struct {
	url  string
	http *http.Client
}

// transport is shared, so that thousands of clients don't each hold
// connections open.
var transport = &http.Transport{MaxIdleConnsPerHost: 64}

func newClient(base string) *client {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &client{url: base, http: &http.Client{
		Jar: jar, Timeout: 30 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) send(path, kind string, body []byte) (int, []byte, error) {
	resp, err := c.http.Post(c.url+path, kind, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

func (c *client) call(path, body string, v any) error {
	status, answer, err := c.send(path, "application/json", []byte(body))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", path, status, answer)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, v)
}

// page gets an address and returns the whole answer.
func (c *client) page(path string) ([]byte, error) {
	resp, err := c.http.Get(c.url + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, resp.StatusCode)
	}
	return body, err
}

func (c *client) get(path string, v any) error {
	body, err := c.page(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

// newSession makes a session and returns it with the token of its link.
func (s *server) newSession() (id, token string, err error) {
	var made struct{ ID string }
	if err := s.agent.call("/api/sessions", `{}`, &made); err != nil {
		return "", "", err
	}
	var card struct{ Link string }
	if err := s.agent.get("/api/sessions/"+made.ID+"/key", &card); err != nil {
		return "", "", err
	}
	return made.ID, card.Link[strings.LastIndexByte(card.Link, '/')+1:], nil
}

// join starts a session as its end-user.
func (s *server) join(token string) (*client, error) {
	guest := newClient(s.url)
	var entry struct{ You string }
	return guest, guest.call("/api/join", `{"token":"`+token+`"}`, &entry)
}

// A socket is a live stream that hands each frame to on.
type socket struct {
	gws.BuiltinEventHandler
	conn *gws.Conn
	on   func(frame []byte)
	cut  func(err error) // the connection ended; may be nil
}

var beat = []byte(`"type":"beat"`)

// OnMessage implements [gws.Event].
func (s *socket) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	if frame := m.Bytes(); bytes.Contains(frame[:min(len(frame), 24)], beat) {
		_ = c.WriteMessage(gws.OpcodeText, wire.Beat) // it may be closed
	} else if s.on != nil {
		s.on(frame)
	}
}

// OnClose implements [gws.Event].
func (s *socket) OnClose(_ *gws.Conn, err error) {
	if s.cut != nil {
		s.cut(err)
	}
}

// live opens the live stream of a session.
func (c *client) live(session string, on func([]byte), cut func(error)) (*socket, error) {
	base, err := url.Parse(c.url)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Origin": {c.url}}
	for _, cookie := range c.http.Jar.Cookies(base) {
		header.Add("Cookie", cookie.String())
	}
	s := &socket{on: on, cut: cut}
	s.conn, _, err = gws.NewClient(s, &gws.ClientOption{
		Addr:           "ws" + strings.TrimPrefix(c.url, "http") + "/api/sessions/" + session + "/live?after=0",
		RequestHeader:  header,
		ReadBufferSize: 1024, ReadMaxPayloadSize: 16 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("connect to session %s: %w", session, err)
	}
	go s.conn.ReadLoop()
	return s, nil
}
