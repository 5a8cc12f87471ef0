//go:build linux || darwin || freebsd

package blob

import (
	"os"
	"syscall"
)

// space returns the bytes that are free for this process, and all bytes, of
// the file system that holds the folder.
func space(folder *os.File) (free, total uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Fstatfs(int(folder.Fd()), &s); err != nil {
		return 0, 0, os.NewSyscallError("statfs", err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), uint64(s.Blocks) * uint64(s.Bsize), nil
}
