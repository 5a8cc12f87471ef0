package blob_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"deskside/internal/blob"
)

// The test program is also the process that is killed: with childFolder in
// its environment it uploads there, and says how far it is.
const (
	childFolder = "DESKSIDE_BLOB_CHILD"
	childSize   = 24 << 20
)

func TestMain(m *testing.M) {
	for variable, do := range map[string]func(string) error{childFolder: child, smallDisk: fillDisk} {
		folder := os.Getenv(variable)
		if folder == "" {
			continue
		}
		if err := do(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child goes on with the upload in pieces of any size, writes its length to
// standard output after each, and finishes it.
func child(folder string) error {
	d, err := blob.OpenDir(folder)
	if err != nil {
		return err
	}
	ctx, content := context.Background(), childContent()
	offset, err := d.Length(ctx, "x")
	for err == nil && offset < childSize {
		var n int64
		piece := content[offset:min(offset+1+rand.Int64N(600<<10), childSize)]
		n, err = d.Append(ctx, "x", offset, bytes.NewReader(piece))
		offset += n
		fmt.Println(offset)
	}
	if err == nil {
		_, err = d.Finish(ctx, "x")
	}
	return err
}

func childContent() []byte {
	b := make([]byte, childSize)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

// TestKilledProcessLosesNothing kills the process that uploads again and
// again, at any moment.
func TestKilledProcessLosesNothing(t *testing.T) {
	folder := t.TempDir()
	kills, acknowledged := 0, int64(0)
	for done := false; !done; {
		acknowledged, done = runChild(t, folder, acknowledged)
		if !done {
			kills++
		}
		d := openDir(t, folder)
		length, err := d.Length(t.Context(), "x")
		if err != nil || length < acknowledged {
			t.Fatalf("%d bytes were acknowledged, %d are there: %v", acknowledged, length, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills", kills)
	if kills < 5 {
		t.Errorf("only %d kills: this test shows nothing", kills)
	}
	wantFinished(t, folder)
}

// runChild runs the process until it is done, or kills it after some of its
// pieces. It returns the last length that was acknowledged.
func runChild(t *testing.T, folder string, acknowledged int64) (last int64, done bool) {
	t.Helper()
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), childFolder+"="+folder)
	var complaint bytes.Buffer
	process.Stderr = &complaint
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for pieces := 1 + rand.IntN(8); lines.Scan(); pieces-- {
		if acknowledged, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
			t.Fatal(err)
		}
		if pieces == 0 || acknowledged == childSize {
			_ = process.Process.Kill() // it may have ended by itself
		}
	}
	err = process.Wait()
	if complaint.Len() > 0 {
		t.Fatalf("the process complains: %s", &complaint)
	}
	return acknowledged, err == nil || acknowledged == childSize
}

// wantFinished finishes the upload, once more if it was, and reads it.
func wantFinished(t *testing.T, folder string) {
	t.Helper()
	d := openDir(t, folder)
	defer d.Close()
	sum, err := d.Finish(t.Context(), "x")
	if err != nil || sum != sha256.Sum256(childContent()) {
		t.Fatalf("finish: %x, %v", sum, err)
	}
	c, err := d.Open(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, c); err != nil || [32]byte(hash.Sum(nil)) != sum {
		t.Errorf("the content has another SHA-256: %v", err)
	}
}

// TestFailingDisk lets the unmodified code meet a disk that can't sync for
// some time. It must say so, and lose nothing that it had counted.
func TestFailingDisk(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is not installed")
		}
		t.Skip("strace is not installed; `make test` installs it")
	}
	for name, inject := range map[string]string{
		"sync fails":  "inject=fsync:error=EIO:when=9",
		"write fails": "inject=pwrite64:error=EIO:when=20",
		"disk full":   "inject=pwrite64:error=ENOSPC:when=20",
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			process := exec.Command("strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,pwrite64", "-e", inject, os.Args[0])
			process.Env = append(os.Environ(), childFolder+"="+folder)
			out, err := process.Output()
			failure := (*exec.ExitError)(nil)
			if !errors.As(err, &failure) {
				t.Fatalf("the disk did not fail: %v", err)
			}
			t.Logf("it says %s", bytes.TrimSpace(failure.Stderr))
			lines := bytes.Fields(out)
			acknowledged, err := strconv.ParseInt(string(lines[len(lines)-1]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			goOn(t, folder, acknowledged)
			wantFinished(t, folder)
		})
	}
}

// goOn runs the process to its end, with a disk that is well again.
func goOn(t *testing.T, folder string, acknowledged int64) {
	t.Helper()
	d := openDir(t, folder)
	length, err := d.Length(t.Context(), "x")
	if err := errors.Join(err, d.Close()); err != nil || length < acknowledged {
		t.Fatalf("%d bytes were acknowledged, %d are there: %v", acknowledged, length, err)
	}
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), childFolder+"="+folder)
	if out, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
