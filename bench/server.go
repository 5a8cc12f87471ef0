package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"deskside/internal/natstest"
	"deskside/internal/postgrestest"
)

// A server is what is under load: a process of its own with data of its own,
// unless the settings name another. It may be several nodes, which share a
// database and a bus.
type server struct {
	url       string
	nodes     []string    // their addresses
	processes []*exec.Cmd // none for another's
	folder    string
	agent     *client
	ready     time.Duration // from the start of the first process to its first ready answer
}

// services are what nodes share. NATS runs within the generator's process.
type services struct {
	tb       testing.TB
	postgres *postgrestest.Server
	nats     string
}

// settings returns those of a server by which it uses the services, as its
// environment.
func (s *services) settings(bus string) []string {
	env := []string{"DESKSIDE_DATABASE=" + s.postgres.Database(s.tb)}
	if bus == "nats" {
		if s.nats == "" {
			s.nats = natstest.Start(s.tb).URL()
		}
		env = append(env, "DESKSIDE_BUS="+s.nats)
	}
	return env
}

// startServer runs the server that the settings name, with more of its own
// settings, and signs an agent in.
func startServer(s settings, more ...string) (*server, error) {
	if s.server != "" {
		u, err := url.Parse(s.server)
		if err != nil {
			return nil, err
		}
		return (&server{url: s.server, nodes: []string{u.Host}}).signIn(s.email, s.password)
	}
	folder, err := os.MkdirTemp("", "deskside-bench-")
	if err != nil {
		return nil, err
	}
	srv := &server{url: "http://" + s.address, folder: folder}
	var env []string
	if s.database == "postgres" {
		env = s.services.settings(s.bus)
	}
	data := filepath.Join(folder, "data")
	add := exec.Command(s.binary, "agent", "add", "--data", data, "--name", "Bench", "--email", s.email)
	add.Env = append(os.Environ(), env...)
	add.Stdin = strings.NewReader(s.password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("add an agent: %w: %s", err, out)
	}
	for i := range s.nodes {
		address, err := following(s.address, i)
		if err == nil {
			err = srv.start(s, address, data, env, more)
		}
		if err != nil {
			srv.stop()
			return nil, err
		}
	}
	return srv.signIn(s.email, s.password)
}

// following returns the address with a port that is n higher.
func following(address string, n int) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	first, err := strconv.Atoi(port)
	return net.JoinHostPort(host, strconv.Itoa(first+n)), err
}

// start starts a node's process and waits until it is ready.
func (s *server) start(with settings, address, data string, env, more []string) error {
	command := append([]string{with.binary, "serve", "--listen", address, "--base-url", s.url, "--data", data}, more...)
	if with.cpus != "" {
		command = append([]string{"taskset", "-c", with.cpus}, command...)
	}
	process := exec.Command(command[0], command[1:]...)
	process.Env = append(os.Environ(), env...)
	process.Stderr = &firstLines{to: os.Stderr, left: 10}
	began := time.Now()
	if err := process.Start(); err != nil {
		return err
	}
	s.processes, s.nodes = append(s.processes, process), append(s.nodes, address)
	if err := waitFor("http://" + address + "/readyz"); err != nil {
		return err
	}
	if s.ready == 0 {
		s.ready = time.Since(began)
	}
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

// waitFor waits until an address answers well.
func waitFor(url string) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		resp, err := http.Get(url)
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s does not answer", url)
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

// meter begins to measure what the server takes, all nodes together.
func (s *server) meter() (meter, error) {
	var pids []int
	for _, p := range s.processes {
		pids = append(pids, p.Process.Pid)
	}
	return newMeter(pids...)
}

// stop ends the processes and removes their data.
func (s *server) stop() {
	for _, p := range s.processes {
		_ = p.Process.Kill() // it may have ended itself
		_ = p.Wait()
	}
	if s.folder != "" {
		os.RemoveAll(s.folder)
	}
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
