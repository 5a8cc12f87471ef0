package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"deskside/internal/blob"
)

// smallDisk in the environment is where the test program, in a mount
// namespace of its own, mounts a disk of diskSize bytes that lives in memory.
const (
	smallDisk = "DESKSIDE_BLOB_DISK"
	diskSize  = (512 + 40) << 20
)

// TestNearlyFullDisk fills a real disk until the files are refused, and frees
// it again.
func TestNearlyFullDisk(t *testing.T) {
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	process.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := process.CombinedOutput()
	if err == nil {
		return
	}
	if mountable := !bytes.Contains(out, []byte("mount: ")) && !errors.Is(err, syscall.EPERM); !mountable && os.Getenv("CI") == "" {
		t.Skipf("no disk can be mounted here: %v %s", err, out)
	}
	t.Errorf("%v: %s", err, out)
}

// fillDisk is what the process in the namespace does.
func fillDisk(folder string) error {
	if err := syscall.Mount("none", folder, "tmpfs", 0, fmt.Sprintf("size=%d", diskSize)); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	d, err := blob.OpenDir(folder)
	if err != nil {
		return err
	}
	ctx := context.Background()
	n, err := d.Append(ctx, "x", 0, strings.NewReader(strings.Repeat("x", 100<<20)))
	if !errors.Is(err, blob.ErrNoSpace) || n == 0 || n > 64<<20 {
		return fmt.Errorf("append 100 MiB: %d, %w", n, err)
	}
	if length, err := d.Length(ctx, "x"); err != nil || length != n {
		return fmt.Errorf("length: %d, want %d, %w", length, n, err)
	}
	if _, err := d.Append(ctx, "y", 0, strings.NewReader("small")); !errors.Is(err, blob.ErrNoSpace) {
		return fmt.Errorf("append a little: %w", err)
	}
	if err := d.Abort(ctx, "x"); err != nil {
		return err
	}
	_, err = d.Append(ctx, "y", 0, strings.NewReader("small"))
	return err
}
