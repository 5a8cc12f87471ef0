package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deskside"
	"deskside/internal/store"
)

// fill posts until a write is refused, and returns how many were stored.
func fill(t *testing.T, s *store.Store, text string) (stored int) {
	t.Helper()
	for {
		err := post(t.Context(), s, "s", text)
		if err == nil {
			stored++
			continue
		}
		if deskside.CodeOf(err) != deskside.CodeUnavailable {
			t.Fatalf("full: %v, want code %q", err, deskside.CodeUnavailable)
		}
		if stored < 10 {
			t.Fatalf("only %d messages went in", stored)
		}
		return stored
	}
}

// TestFullDatabase fills the database up to a bound, and frees it again.
func TestFullDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full.db")
	s := open(t, path, store.Options{MaxPages: 120})
	text := strings.Repeat("x", 4000)
	stored := fill(t, s, text)
	wantLog(t, s, "s", stored+1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	larger := open(t, path, store.Options{})
	if err := post(t.Context(), larger, "s", text); err != nil {
		t.Errorf("with more room: %v", err)
	}
}

// TestFullDisk fills a real file system. While it is full everything can be
// read; once there is room, the store goes on by itself.
func TestFullDisk(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs the right to mount: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	}()
	s := open(t, filepath.Join(folder, "deskside.db"), store.Options{})
	defer s.Close()
	if err := post(t.Context(), s, "s", "first"); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(folder, "filler")
	if err := os.WriteFile(filler, make([]byte, 300<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	stored := 2 + fill(t, s, strings.Repeat("x", 4000))
	for range 5 {
		if post(t.Context(), s, "s", "x") == nil { // short enough for what is left
			stored++
		}
		wantLog(t, s, "s", stored)
		if err := s.View(t.Context(), "s", func(*deskside.Session) error { return nil }); err != nil {
			t.Errorf("view while full: %v", err)
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it stores again", func() bool { return post(t.Context(), s, "s", "after") == nil })
	wantLog(t, s, "s", stored+1)
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
}

// TestBrokenDatabase lets the disk fail once.
func TestBrokenDatabase(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	if err := post(t.Context(), s, "s", "before"); err != nil {
		t.Fatal(err)
	}
	if err := store.Break(s); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("broken: %v, want code %q", err, deskside.CodeUnavailable)
	}
	eventually(t, "it is ready again", func() bool { return s.Ready(t.Context()) == nil })
	if err := post(t.Context(), s, "s", "after"); err != nil {
		t.Errorf("after the recovery: %v", err)
	}
	wantLog(t, s, "s", 3)
}

// TestLostFolder takes the folder away under the running store, so that it
// can't be opened anew, and gives it back.
func TestLostFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(folder, "deskside.db"), store.Options{})
	if err := post(t.Context(), s, "s", "before"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	if err := store.Break(s); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("broken: %v, want code %q", err, deskside.CodeUnavailable)
	}
	begin := time.Now()
	for range 20 {
		if err := post(t.Context(), s, "s", "meanwhile"); deskside.CodeOf(err) != deskside.CodeUnavailable {
			t.Fatalf("without a database: %v, want code %q", err, deskside.CodeUnavailable)
		}
		if s.Ready(t.Context()) == nil {
			t.Fatal("ready without a database")
		}
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("20 refusals took %s", took)
	}
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it stores again", func() bool { return post(t.Context(), s, "s", "after") == nil })
	wantLog(t, s, "s", 3)
}

// TestReadOnlyDatabase makes every write fail as on a disk that the system
// made read-only, and then allows writing again.
func TestReadOnlyDatabase(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "deskside.db"), store.Options{})
	if err := post(t.Context(), s, "s", "before"); err != nil {
		t.Fatal(err)
	}
	if err := store.Pragma(s, "query_only(1)"); err != nil {
		t.Fatal(err)
	}
	if err := post(t.Context(), s, "s", "meanwhile"); deskside.CodeOf(err) != deskside.CodeUnavailable {
		t.Errorf("read-only: %v, want code %q", err, deskside.CodeUnavailable)
	}
	eventually(t, "it stores again", func() bool { return post(t.Context(), s, "s", "after") == nil })
	wantLog(t, s, "s", 3)
}

// victim names the database of the process whose disk fails.
const victim = "DESKSIDE_TEST_VICTIM"

// TestFailingDisk runs a process whose system calls fail now and then, and
// wants every message that was acknowledged in the log, once.
func TestFailingDisk(t *testing.T) {
	if path := os.Getenv(victim); path != "" {
		postThroughFaults(t, path)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("needs strace")
	}
	// strace counts the calls of each thread for itself.
	for name, inject := range map[string]string{
		"a sync fails":          "fsync,fdatasync:error=EIO:when=20+1000",
		"syncs fail again":      "fsync,fdatasync:error=EIO:when=10+17",
		"a write fails":         "pwrite64:error=EIO:when=50+1000",
		"writes fail again":     "pwrite64:error=EIO:when=50+71",
		"there is no space":     "pwrite64:error=ENOSPC:when=40..43",
		"the disk is read-only": "pwrite64,ftruncate:error=EROFS:when=40..43",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "deskside.db")
			open(t, path, store.Options{}).Close() // the tables are made in peace
			calls, _, _ := strings.Cut(inject, ":")
			command := exec.Command(strace, "-f", "-o", "/dev/null", "-e", "trace="+calls, "-e", "inject="+inject, os.Args[0], "-test.run=^TestFailingDisk$", "-test.v")
			command.Env = append(os.Environ(), victim+"="+path)
			out, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.Contains(string(out), somethingRefused) {
				t.Errorf("nothing was refused: this test could not fail\n%s", out)
			}
			s := open(t, path, store.Options{})
			wantMessages(t, s, victimMessages)
		})
	}
}

// somethingRefused is what the process says whose disk did fail.
const somethingRefused = "some writes were refused"

const victimMessages = 60

// postThroughFaults posts messages one by one, each under an id of its own and
// again until it is acknowledged, as a browser does.
func postThroughFaults(t *testing.T, path string) {
	var s *store.Store
	eventually(t, "it opens", func() (ok bool) {
		var err error
		s, err = store.Open(t.Context(), path, store.Options{})
		return err == nil
	})
	refused := 0
	for i := range victimMessages {
		eventually(t, "it is stored", func() bool {
			err := postOnce(t.Context(), s, fmt.Sprint(i))
			if err != nil && deskside.CodeOf(err) != deskside.CodeUnavailable {
				t.Fatalf("message %d: %v", i, err)
			}
			if err != nil {
				refused++
			}
			return err == nil
		})
		if i%10 == 0 { // cold: what it knows comes from the disk
			_ = s.View(t.Context(), "s", func(*deskside.Session) error { return nil })
		}
	}
	if refused > 0 {
		t.Log(somethingRefused)
	}
	_ = s.Close()
}

func postOnce(ctx context.Context, s *store.Store, id string) error {
	_, err := s.Update(ctx, "s", func(x *deskside.Session) (deskside.Change, error) {
		var c deskside.Change
		if x.Number == 0 {
			c.Events = append(c.Events, deskside.Event{By: "ada", Body: &deskside.Created{Agent: "ada", Expires: time.Now().Add(time.Hour)}})
		}
		if x.Seen("ada", id) == 0 {
			c.Events = append(c.Events, deskside.Event{By: "ada", ID: id, Body: &deskside.Message{Text: id}})
		}
		return c, nil
	})
	return err
}

// wantMessages wants the messages 0 to n-1 in the log, each once, in order.
func wantMessages(t *testing.T, s *store.Store, n int) {
	t.Helper()
	events, err := s.Events(t.Context(), "s", 0, 10*n)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for _, e := range events {
		m, ok := e.Body.(*deskside.Message)
		if !ok {
			continue
		}
		if m.Text != fmt.Sprint(next) {
			t.Fatalf("message %s came where %d was due", m.Text, next)
		}
		next++
	}
	if next != n {
		t.Errorf("%d messages, want %d", next, n)
	}
	if err := errors.Join(s.Ready(t.Context()), post(t.Context(), s, "s", "more")); err != nil {
		t.Error(err)
	}
}
