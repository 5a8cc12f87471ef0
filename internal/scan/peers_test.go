package scan_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskside/internal/nettest"
)

// What clamd knows in these tests: threat anywhere, and threatFile as a whole.
const (
	threat         = "deskside-test-threat-3f9c"
	threatName     = "Deskside.Test"
	threatFile     = "a whole file that is known\n"
	threatFileName = "Deskside.Test.File"
	largest        = 2 << 20 // bytes that clamd looks at
	longest        = 4 << 20 // bytes that clamd takes
)

// find returns the path of a program, and skips the test where there is none:
// packages says where from.
func find(t *testing.T, packages, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed (Debian's %s); `make test` installs it", program, packages)
	return ""
}

// A clamd is ClamAV's own, with a database of the test's own.
type clamd struct{ tcp, unix string }

func startClamd(t *testing.T) clamd {
	t.Helper()
	program, folder := find(t, "clamav-daemon", "clamd"), t.TempDir()
	c := clamd{tcp: nettest.FreeAddr(t), unix: filepath.Join(folder, "socket")}
	host, port, err := net.SplitHostPort(c.tcp)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "test.ndb", fmt.Sprintf("%s:0:*:%x\n", threatName, threat))
	write(t, folder, "test.hdb", fmt.Sprintf("%x:%d:%s\n", md5.Sum([]byte(threatFile)), len(threatFile), threatFileName))
	config := write(t, folder, "clamd.conf", fmt.Sprintf(`Foreground yes
DatabaseDirectory %s
LocalSocket %s
TCPAddr %s
TCPSocket %s
StreamMaxLength %d
MaxFileSize %d
MaxScanSize %d
AlertExceedsMax yes
`, folder, c.unix, host, port, longest, largest, largest))
	run(t, exec.Command(program, "--config-file", config), c.tcp)
	return c
}

// run runs a server until the test ends, and waits until it listens.
func run(t *testing.T, server *exec.Cmd, address string) {
	t.Helper()
	var output bytes.Buffer
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		<-ended
		if t.Failed() {
			t.Logf("the server said:\n%.4000s", &output)
		}
	})
	const patience = 30 * time.Second
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the server ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not listen after %s", patience)
		}
	}
}

func write(t *testing.T, folder, name, content string) (path string) {
	t.Helper()
	path = filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// harmless returns so many bytes that differ.
func harmless(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()[:size]
}
