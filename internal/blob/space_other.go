//go:build !linux && !darwin && !freebsd

package blob

import "os"

// space is not known here: the disk says by itself when it is full.
func space(*os.File) (free, total uint64, err error) { return 1 << 62, 1 << 62, nil }
