// Package postgrestest runs a PostgreSQL server of the test's own: on a free
// port of 127.0.0.1, as an ordinary user, with data that go with the test. It
// stores as durably as one that is meant to.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"deskside/internal/nettest"
)

// startFor bounds how long the server takes to answer.
const startFor = 30 * time.Second

// A Server is a PostgreSQL server.
type Server struct {
	// Addr is where it listens; it stays when the server is stopped and started.
	Addr string

	bin, data string
	run       *exec.Cmd
	databases atomic.Int64
}

// New returns the URL of an empty database on a server of the test's own.
func New(t testing.TB) string {
	return Start(t).Database(t)
}

// While runs a server for as long as f runs, which may be all tests of a
// package, or no test at all; f gets what stands for one.
func While(f func(testing.TB, *Server)) {
	t := &wholeRun{}
	defer func() {
		for _, end := range slices.Backward(t.cleanups) {
			end()
		}
	}()
	f(t, Start(t))
}

// A wholeRun stands for a test that takes as long as all of them.
type wholeRun struct {
	testing.TB // of what is not here nothing is used
	cleanups   []func()
}

func (t *wholeRun) Helper()                           {}
func (t *wholeRun) Context() context.Context          { return context.Background() }
func (t *wholeRun) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *wholeRun) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (t *wholeRun) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *wholeRun) Skip(args ...any)                  { panic(fmt.Sprint(args...)) }

// Start makes a server and stops it when the test ends. Where there is no
// PostgreSQL the test is skipped, but fails with CI set in the environment.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin := programs()
	if bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("PostgreSQL is not installed")
		}
		t.Skip("PostgreSQL is not installed")
	}
	folder, err := os.MkdirTemp("", "postgres") // t.TempDir is not for other users
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	s := &Server{Addr: nettest.FreeAddr(t), bin: bin, data: filepath.Join(folder, "data")}
	if id := ordinary(t); id != nil {
		must(t, os.Chown(folder, int(id.Uid), int(id.Gid)))
	}
	out, err := s.command(t, "initdb", "-D", s.data, "-U", "deskside", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	_, port, err := net.SplitHostPort(s.Addr)
	must(t, err)
	conf := fmt.Sprintf("listen_addresses = '127.0.0.1'\nport = %s\nunix_socket_directories = ''\nmax_connections = 200\n", port)
	for _, setting := range settings {
		conf += setting + "\n"
	}
	file, err := os.OpenFile(filepath.Join(s.data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteString(conf)
	must(t, err)
	must(t, file.Close())
	s.Run(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// Run starts the server after Stop or Kill, and returns once it answers.
func (s *Server) Run(t testing.TB) {
	t.Helper()
	s.run = s.command(t, "postgres", "-D", s.data)
	s.run.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	must(t, s.run.Start())
	deadline := time.Now().Add(startFor)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		c, err := pgx.Connect(ctx, s.url("postgres"))
		cancel()
		if err == nil {
			must(t, c.Close(context.WithoutCancel(t.Context())))
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("PostgreSQL does not answer: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Stop ends the server as one does for a restart: connections are cut, what
// was committed stays.
func (s *Server) Stop(t testing.TB) { s.end(t, syscall.SIGINT) }

// Kill ends the server as a crash does; the next Run recovers.
func (s *Server) Kill(t testing.TB) { s.end(t, syscall.SIGQUIT) }

func (s *Server) end(t testing.TB, signal syscall.Signal) {
	if s.run == nil {
		return
	}
	if err := s.run.Process.Signal(signal); !errors.Is(err, os.ErrProcessDone) { // a full disk ends it too
		must(t, err)
	}
	_ = s.run.Wait() // how it exits depends on the signal
	s.run = nil
}

// Database makes an empty database and returns its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(s.databases.Add(1), 10)
	c, err := pgx.Connect(t.Context(), s.url("postgres"))
	must(t, err)
	_, err = c.Exec(t.Context(), "CREATE DATABASE "+name)
	must(t, err)
	must(t, c.Close(t.Context()))
	return s.url(name)
}

func (s *Server) url(database string) string {
	return "postgres://deskside@" + s.Addr + "/" + database + "?sslmode=disable"
}

// command is a program of PostgreSQL's, which refuse to be run by root.
func (s *Server) command(t testing.TB, name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = filepath.Dir(s.data)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: ordinary(t)}
	return c
}

// ordinary is the user to run as where the test is root's; else nil.
func ordinary(t testing.TB) *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres") // Debian's package makes it
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	must(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	must(t, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	must(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// programs is the folder of PostgreSQL's programs, "" where there is none.
// Debian keeps them off the path.
func programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found))
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	return ""
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
