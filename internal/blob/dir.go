package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"syscall"
)

// Dir keeps bytes in a directory of one machine, for one process:
//
//	uploads/ID         the bytes of an upload that is not finished
//	uploads/ID.state   how far it is (record.go); stays until Abort
//	ab/cdef…           the content whose SHA-256 is abcdef…
//
// All is mode 0600 and 0700, and reached through os.Root: no name leads out
// of the directory.
//
// It keeps space for the database: Append returns ErrNoSpace, before it takes
// more, when under 512 MiB or 5 % of the file system are free. What
// was counted stays, and the upload can go on when there is space again.
//
// It is safe for concurrent use.
type Dir struct {
	root  *os.Root
	locks locks
}

const (
	uploads  = "uploads"
	fileMode = 0o600
	dirMode  = 0o700
)

// OpenDir opens the directory at path, and makes it where there is none.
func OpenDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, dirMode); err != nil {
		return nil, fmt.Errorf("blob: make the directory: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("blob: open the directory: %w", err)
	}
	d := &Dir{root: root}
	if err := d.makeFolder(uploads); err != nil {
		return nil, errors.Join(fault("open the directory", err), root.Close())
	}
	return d, nil
}

// Close gives the directory back. Contents that are open stay readable.
func (d *Dir) Close() error { return d.root.Close() }

// Open returns the content with this SHA-256, or ErrNotFound. The content is
// an *os.File inside: net/http hands it to the kernel without copying.
func (d *Dir) Open(_ context.Context, sum [sha256.Size]byte) (Content, error) {
	f, err := d.root.Open(contentPath(sum))
	if err != nil {
		return nil, fault("open", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fault("open", err), f.Close())
	}
	return &file{f, info.Size()}, nil
}

type file struct {
	*os.File
	size int64
}

func (f *file) Size() int64 { return f.size }

// Remove forgets the content with this SHA-256. It does not mind if there is
// none. Who has it open can read on.
func (d *Dir) Remove(_ context.Context, sum [sha256.Size]byte) error {
	name := contentPath(sum)
	return fault("remove", d.forget(path.Dir(name), name))
}

// publish renames a file, which was synced, to its content address.
func (d *Dir) publish(from string, sum [sha256.Size]byte) error {
	to := contentPath(sum)
	if err := d.makeFolder(path.Dir(to)); err != nil {
		return err
	}
	if err := d.root.Rename(from, to); err != nil {
		// A process that is about to end may have been faster.
		if _, missing := d.root.Stat(to); missing != nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(d.syncFolder(path.Dir(to)), d.syncFolder(path.Dir(from)))
}

// makeFolder makes a folder of the directory, and syncs that it is there.
func (d *Dir) makeFolder(name string) error {
	err := d.root.Mkdir(name, dirMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.syncFolder(".")
}

// forget removes files of one folder; none of them needs to be there.
func (d *Dir) forget(folder string, names ...string) error {
	for _, name := range names {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := d.syncFolder(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncFolder puts the names in a folder on stable storage.
func (d *Dir) syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS logs its names; a folder can't be synced there
	}
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func contentPath(sum [sha256.Size]byte) string {
	name := hex.EncodeToString(sum[:])
	return path.Join(name[:2], name[2:])
}

// fault says what was done when err came, without the path in err.
func fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = fmt.Errorf("%s: %w", path.Op, path.Err)
	} else if link := (*os.LinkError)(nil); errors.As(err, &link) {
		err = fmt.Errorf("%s: %w", link.Op, link.Err)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("blob: %s: %w: %w", doing, ErrNoSpace, err)
	}
	return fmt.Errorf("blob: %s: %w", doing, err)
}
