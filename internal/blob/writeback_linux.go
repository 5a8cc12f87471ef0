package blob

import (
	"os"
	"syscall"
)

// writeBack lets the kernel begin to write bytes of the file, so that the
// sync later waits less. Nothing depends on it: errors show at the sync.
func writeBack(f *os.File, offset, n int64) {
	const begin = 2 // SYNC_FILE_RANGE_WRITE
	_ = syscall.SyncFileRange(int(f.Fd()), offset, n, begin)
}
