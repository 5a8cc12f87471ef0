package web_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"deskside"
	"deskside/internal/node"
	"deskside/internal/servertest"
)

// startScanner answers like clamd: it finds what contains "malware", and says
// nothing while it is down. The real one is in internal/scan and in the
// browser journeys; it can't be made to fail at will.
func startScanner(t *testing.T, down *atomic.Bool) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if !down.Load() {
					scanStream(conn)
				}
			}()
		}
	}()
	return "tcp://" + l.Addr().String()
}

func scanStream(conn net.Conn) {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil {
		return
	}
	var all bytes.Buffer
	for {
		var size uint32
		if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
			return
		}
		if size == 0 {
			break
		}
		if _, err := io.CopyN(&all, conn, int64(size)); err != nil {
			return
		}
	}
	answer := "stream: OK\x00"
	if bytes.Contains(all.Bytes(), []byte("malware")) {
		answer = "stream: Test.Malware FOUND\x00"
	}
	_, _ = conn.Write([]byte(answer)) // the other may be gone
}

func TestScanner(t *testing.T) {
	var down atomic.Bool
	s := servertest.Start(t, func(c *node.Config) { c.Files.Scanner, c.IdleEnd = startScanner(t, &down), 90*24*time.Hour })
	agent, guest, id := active(t, s)
	file, m := send(t, guest, id, "fine.txt", "text/plain", []byte("a letter"))
	if a := agent.Get(t, filePath(id, file)); m.State != deskside.FileArrived || a.Status != http.StatusOK {
		t.Errorf("a clean one became %+v, status %d", m, a.Status)
	}
	file, m = send(t, guest, id, "bad.txt", "text/plain", []byte("some malware"))
	if m.State != deskside.FileRefused || m.Why != deskside.FileThreat || m.Threat != "Test.Malware" {
		t.Errorf("one with a threat became %+v", m)
	}
	for _, part := range []string{"", "/picture", "/preview"} {
		if a := agent.Get(t, filePath(id, file)+part); a.Status != http.StatusGone {
			t.Errorf("it is handed out: status %d", a.Status)
		}
	}
	if strings.Contains(s.Log.String(), "bad.txt") {
		t.Error("the log names the file")
	}
}

// TestScannerIsDown: a file waits for it, and nobody gets it meanwhile.
func TestScannerIsDown(t *testing.T) {
	var down atomic.Bool
	down.Store(true)
	s := servertest.Start(t, func(c *node.Config) { c.Files.Scanner, c.IdleEnd = startScanner(t, &down), 90*24*time.Hour })
	agent, guest, id := active(t, s)
	location, file := offer(t, guest, id, "a.txt", "", 5)
	if a, err := guest.SendBytes(t, location, 0, strings.NewReader("hello")); err != nil || a.Status != http.StatusNoContent {
		t.Fatalf("send: %v, status %d", err, a.Status)
	}
	servertest.Eventually(t, "it was tried", func() bool { return strings.Contains(s.Log.String(), "checked again later") })
	if a := agent.Get(t, filePath(id, file)); a.Status != http.StatusGone || agent.Files(t, id)[file].State != deskside.FileChecking {
		t.Errorf("before it was checked: status %d, %+v", a.Status, agent.Files(t, id)[file])
	}
	down.Store(false)
	s.Clock.Advance(10 * time.Second)
	if m := settled(t, agent, id, file); m.State != deskside.FileArrived {
		t.Errorf("it became %+v", m)
	}
	down.Store(true)
	_, second := offer(t, guest, id, "b.txt", "", 0)
	servertest.Eventually(t, "the scanner is given up", func() bool {
		s.Clock.Advance(15 * time.Minute)
		m := guest.Files(t, id)[second]
		return m.State == deskside.FileRefused && m.Why == deskside.FileUnchecked
	})
}
