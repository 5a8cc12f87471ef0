package crashtest

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
	"sync"
	"syscall"
	"testing"
	"time"

	"deskside"
	"deskside/internal/nettest"
)

const (
	password = "correct horse battery"
	// patience bounds how long a sender waits for a server that comes back.
	patience = 60 * time.Second
)

// build compiles the server once for all tests.
var build = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "deskside-crashtest-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "deskside")
	out, err := exec.Command("go", "build", "-o", binary, "deskside/cmd/deskside").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if binary, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(binary))
	}
	os.Exit(code)
}

// A server is the real one, as a process of its own.
type server struct {
	binary   string
	data     string
	address  string
	wrapper  []string // a command that runs it
	settings []string // what it is started with beside where it is
	env      []string
	process  *exec.Cmd
	output   bytes.Buffer // what the server says of itself
}

func newServer(t testing.TB) *server {
	t.Helper()
	s := prepare(t)
	s.addAgent(t, "ada@example.org")
	return s
}

// prepare returns a server without any account.
func prepare(t testing.TB) *server {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{binary: binary, data: t.TempDir(), address: nettest.FreeAddr(t)}
	t.Cleanup(func() { s.kill(t) })
	return s
}

func (s *server) addAgent(t testing.TB, email string) {
	t.Helper()
	add := exec.Command(s.binary, "agent", "add", "--data", s.data, "--name", "Ada", "--email", email)
	add.Env = append(os.Environ(), s.env...)
	add.Stdin = strings.NewReader(password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("add an agent: %v: %s", err, out)
	}
}

// signIn returns a browser in which the agent is signed in.
func (s *server) signIn(t testing.TB, email string) *browser {
	t.Helper()
	agent := newBrowser(t, s)
	form := url.Values{"email": {email}, "password": {password}}.Encode()
	if status, body := agent.post("/sign-in", "application/x-www-form-urlencoded", []byte(form)); status != http.StatusSeeOther {
		t.Fatalf("sign in: %d %s", status, body)
	}
	return agent
}

// at is where the server listens.
func (s *server) at() string { return s.address }

// launch starts the process.
func (s *server) launch(t testing.TB) {
	t.Helper()
	args := append(append([]string{}, s.wrapper...), s.binary, "serve", "--listen", s.address, "--base-url", "http://"+s.address, "--data", s.data)
	args = append(args, s.settings...)
	s.process = exec.Command(args[0], args[1:]...)
	// A group of its own, so that what runs the server dies with it.
	s.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.output.Reset()
	s.process.Stderr = &s.output
	s.process.Env = append(os.Environ(), s.env...)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
}

// start runs the server and waits until it is ready.
func (s *server) start(t testing.TB) {
	t.Helper()
	s.launch(t)
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get("http://" + s.address + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			s.kill(t)
			t.Fatalf("the server is not ready after %s:\n%.4000s", patience, &s.output)
		}
	}
}

// kill ends the server without any warning.
func (s *server) kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		return
	}
	if err := syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL); err != nil {
		t.Errorf("kill: %v", err)
	}
	_ = s.process.Wait() // it was killed
	s.process = nil
}

// stop ends the server as an operator does.
func (s *server) stop(t testing.TB) {
	t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := s.process.Wait(); err != nil {
		t.Errorf("it stopped with %v:\n%.4000s", err, &s.output)
	}
	s.process = nil
}

// talks makes sessions and returns everybody who will talk in them.
func (s *server) talks(t testing.TB) (all []*talk) { return s.talksIn(t, sessions) }

func (s *server) talksIn(t testing.TB, sessions int) (all []*talk) {
	t.Helper()
	agent := s.signIn(t, "ada@example.org")
	var me struct{ ID deskside.ParticipantID }
	agent.get(t, "/api/me", &me)
	for range sessions {
		var made struct{ ID deskside.SessionID }
		agent.json(t, "/api/sessions", `{}`, &made)
		var card struct{ Link string }
		agent.get(t, "/api/sessions/"+string(made.ID)+"/key", &card)
		guest := newBrowser(t, s)
		var entry struct{ You deskside.ParticipantID }
		guest.json(t, "/api/join", fmt.Sprintf(`{"token":%q}`, card.Link[strings.LastIndexByte(card.Link, '/')+1:]), &entry)
		all = append(all,
			&talk{at: s.at, session: made.ID, by: me.ID, browser: agent},
			&talk{at: s.at, session: made.ID, by: entry.You, browser: guest})
	}
	return all
}

// log reads the whole log of a talk's session.
func (s *server) log(t testing.TB, k *talk) (log []deskside.Event) {
	t.Helper()
	for after := int64(0); ; {
		var page struct {
			Upto   int64
			Events []deskside.Event
		}
		k.browser.get(t, fmt.Sprintf("/api/sessions/%s/events?after=%d", k.session, after), &page)
		if page.Upto == after {
			return log
		}
		log, after = append(log, page.Events...), page.Upto
	}
}

// A browser keeps cookies.
type browser struct {
	base string
	http *http.Client
}

func newBrowser(t testing.TB, s *server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{base: "http://" + s.address, http: &http.Client{
		Jar: jar, Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * sessions},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// post returns the status and the body of the answer; 0 where none came.
func (b *browser) post(path, kind string, body []byte) (int, []byte) {
	resp, err := b.http.Post(b.base+path, kind, bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}

func (b *browser) json(t testing.TB, path, body string, v any) {
	t.Helper()
	status, answer := b.post(path, "application/json", []byte(body))
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, status, answer)
	}
	if err := json.Unmarshal(answer, v); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) get(t testing.TB, path string, v any) {
	t.Helper()
	resp, err := b.http.Get(b.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
}
