package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// append adds what r gives, and syncs it now and then and at the end. The
// record's length is what is stored for sure.
func (u *upload) append(ctx context.Context, r io.Reader) error {
	if err := u.resume(ctx); err != nil {
		return err
	}
	for {
		n, err := u.fill(ctx, r, syncEvery)
		if n > 0 {
			// What has come is kept, also where no more comes.
			if err := u.sync(u.record.length + n); err != nil {
				return fault("append", err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := u.dir.checkSpace(); err != nil {
			return err
		}
	}
}

// fill writes at most limit bytes of r behind what is stored, and hashes some
// while it reads the next. The error is io.EOF at r's end.
func (u *upload) fill(ctx context.Context, r io.Reader, limit int64) (n int64, err error) {
	buffers := copyBuffers.Get().(*[2][copySize]byte)
	defer copyBuffers.Put(buffers)
	var hashing sync.WaitGroup
	defer hashing.Wait()
	for turn := 0; n < limit && err == nil; turn = 1 - turn {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		b := buffers[turn][:min(copySize, limit-n)]
		var got int
		got, err = r.Read(b)
		if _, err := u.data.WriteAt(b[:got], u.record.length+n); err != nil {
			return n, fault("append", err)
		}
		n += int64(got)
		hashing.Wait()
		hashing.Go(func() { u.hash.Write(b[:got]) })
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("blob: read what is uploaded: %w", err)
	}
	return n, err
}

// sync puts the bytes up to length on stable storage, and then the record
// that counts them.
func (u *upload) sync(length int64) error {
	if err := u.data.Sync(); err != nil {
		return err
	}
	return u.note(length)
}

// note writes the record of the upload with this length.
func (u *upload) note(length int64) error {
	state, err := hashState(u.hash)
	if err != nil {
		return err
	}
	if u.state == nil {
		u.state, err = u.dir.root.OpenFile(u.path()+".state", os.O_RDWR|os.O_CREATE|os.O_TRUNC, fileMode)
		if err != nil {
			return err
		}
	}
	next := record{count: u.record.count + 1, length: length, hash: state}
	if err := writeRecord(u.state, next); err != nil {
		return err
	}
	u.record = next
	return nil
}

// resume makes the upload's bytes and their hash what the record says: bytes
// that nobody counted are cut off. A hash that is missing is made by reading
// the bytes.
func (u *upload) resume(ctx context.Context) (err error) {
	if err := u.data.Truncate(u.record.length); err != nil {
		return fault("resume", err)
	}
	if u.hash, err = resumeHash(u.record.hash); err == nil {
		return nil
	}
	u.hash = sha256.New()
	bytes := contextReader{ctx, io.NewSectionReader(u.data, 0, u.record.length)}
	if _, err := io.CopyBuffer(u.hash, bytes, make([]byte, copySize)); err != nil {
		return fault("resume", err)
	}
	return fault("resume", u.sync(u.record.length))
}

// finish renames the bytes to their content address. The record says so
// first: whoever comes after a crash renames them then.
func (u *upload) finish(ctx context.Context) (sum [sha256.Size]byte, err error) {
	if !u.record.finished {
		if err := u.resume(ctx); err != nil {
			return sum, err
		}
		if err := u.data.Sync(); err != nil {
			return sum, fault("finish", err)
		}
		done := record{count: u.record.count + 1, length: u.record.length, finished: true, hash: u.hash.Sum(nil)}
		if err := writeRecord(u.state, done); err != nil {
			return sum, fault("finish", err)
		}
		u.record = done
	}
	copy(sum[:], u.record.hash)
	if u.data == nil {
		return sum, nil
	}
	err = u.data.Close() // some systems rename no open file
	u.data = nil
	if err != nil {
		return sum, fault("finish", err)
	}
	return sum, fault("finish", u.dir.publish(u.path(), sum))
}

// A contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
