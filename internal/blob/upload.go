package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
)

const (
	// syncEvery is how many bytes of an upload may be lost when the process
	// is killed in the middle of an Append, which has not counted them.
	syncEvery = 32 << 20
	// copySize is half of how many bytes of an upload are in memory.
	copySize = 256 << 10
)

var copyBuffers = sync.Pool{New: func() any { return new([2][copySize]byte) }}

// An upload is one that is not finished, or was finished but not forgotten.
type upload struct {
	dir    *Dir
	id     string
	data   *os.File // nil where it was finished
	state  *os.File // nil where somebody removed it
	record record
	hash   hash.Hash // of the first record.length bytes; nil until it is needed
}

// Append adds what r gives to the upload, which begins with it where offset
// is 0 and there is none. It returns how many bytes more are on stable
// storage, also where it returns an error: that of ctx, of r or of the disk.
// ErrOffset where the upload has another length; then nothing was read.
// ErrFinished after Finish, ErrNoSpace where the disk is nearly full.
//
// A process that is killed may keep more than was counted: ask Length.
func (d *Dir) Append(ctx context.Context, id string, offset int64, r io.Reader) (n int64, err error) {
	if err := errors.Join(checkID(id), d.checkSpace()); err != nil {
		return 0, err
	}
	unlock, err := d.locks.lock(ctx, id)
	if err != nil {
		return 0, err
	}
	defer unlock()
	u, err := d.upload(id)
	if errors.Is(err, ErrNotFound) {
		if offset != 0 {
			return 0, ErrOffset
		}
		u, err = d.begin(id)
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, u.close()) }()
	if u.record.finished {
		return 0, ErrFinished
	}
	if offset != u.record.length {
		return 0, ErrOffset
	}
	err = u.append(ctx, r)
	return u.record.length - offset, err
}

// Length returns how many bytes of the upload are stored; 0 where it has not
// begun. It does not wait for an Append.
func (d *Dir) Length(_ context.Context, id string) (int64, error) {
	if err := checkID(id); err != nil {
		return 0, err
	}
	u, err := d.upload(id)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return u.record.length, u.close()
}

// Finish makes the upload readable under its SHA-256, and returns that.
// Repeated, also after a crash, it returns the same. ErrNotFound where the
// upload has not begun.
func (d *Dir) Finish(ctx context.Context, id string) (sum [sha256.Size]byte, err error) {
	if err := checkID(id); err != nil {
		return sum, err
	}
	unlock, err := d.locks.lock(ctx, id)
	if err != nil {
		return sum, err
	}
	defer unlock()
	u, err := d.upload(id)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, u.close()) }()
	return u.finish(ctx)
}

// Abort forgets the upload, finished or not; content that it was finished to
// stays. It does not mind if there is none.
func (d *Dir) Abort(ctx context.Context, id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	unlock, err := d.locks.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	name := path.Join(uploads, id)
	return fault("abort", d.forget(uploads, name, name+".state"))
}

// upload opens an upload, or returns ErrNotFound. It changes nothing.
func (d *Dir) upload(id string) (*upload, error) {
	u := &upload{dir: d, id: id}
	if err := u.open(); err != nil {
		return nil, errors.Join(fault("open an upload", err), u.close())
	}
	return u, nil
}

// begin makes an upload. Its record is there before its bytes are, so that
// something always says how many of them count.
func (d *Dir) begin(id string) (*upload, error) {
	u := &upload{dir: d, id: id, hash: sha256.New()}
	err := u.note(0)
	if err == nil {
		u.data, err = d.root.OpenFile(u.path(), os.O_RDWR|os.O_CREATE|os.O_TRUNC, fileMode)
	}
	if err == nil {
		err = d.syncFolder(uploads)
	}
	if err != nil {
		return nil, errors.Join(fault("begin an upload", err), u.close())
	}
	return u, nil
}

func (u *upload) path() string { return path.Join(uploads, u.id) }

// open opens the files of the upload that are there, and finds how far it is.
func (u *upload) open() (err error) {
	if u.data, err = u.openFile(u.path()); err != nil {
		return err
	}
	if u.state, err = u.openFile(u.path() + ".state"); err != nil {
		return err
	}
	whole := false
	if u.state != nil {
		if u.record, whole, err = readRecord(u.state); err != nil || u.record.finished {
			return err
		}
	}
	if u.data == nil {
		return fs.ErrNotExist // or it was killed before it had bytes
	}
	info, err := u.data.Stat()
	if err == nil && (!whole || u.record.length > info.Size()) {
		// Somebody damaged it: what is there counts, and is hashed anew.
		u.record = record{count: u.record.count, length: info.Size()}
	}
	return err
}

// openFile returns nil where there is no such file.
func (u *upload) openFile(name string) (*os.File, error) {
	f, err := u.dir.root.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return f, err
}

func (u *upload) close() error {
	var all []error
	for _, f := range []*os.File{u.data, u.state} {
		if f != nil {
			all = append(all, f.Close())
		}
	}
	return fault("close", errors.Join(all...))
}
