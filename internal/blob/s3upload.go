package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// partSize is the smallest that S3 allows, and what an Append has in
	// memory. All parts but the last have it.
	partSize = 5 << 20
	maxParts = 10_000
	// headRoom is what the ids of the parts of 2 GiB take.
	headRoom = 32 << 10
	// maxHead is far above what the ids of all parts take.
	maxHead = 2 << 20
	// requestTime bounds a request that stores bytes of an upload.
	requestTime = 2 * time.Minute
)

// An s3Upload is how far an upload in a bucket is. It is stored anew, under
// its new length, after each part and each Append: whoever goes on with it
// needs nothing else. The longest counts.
type s3Upload struct {
	Key, Upload string   // of the multipart upload; "" until there is a part
	Parts       []string // what the server calls them
	Hash        []byte   // marshalled state for all bytes; of a finished upload the sum

	s3     *S3
	id     string
	stored string // the name of the object that it was read from; "" where there is none
	length int64
	tail   []byte // bytes that are no part yet, less than partSize
	hash   hash.Hash
}

// finishedMark begins the name of an upload that is finished; it is behind all
// digits.
const finishedMark = "z"

func (u *s3Upload) folder() string { return "uploads/" + u.id + "/" }

// Append is as Dir.Append says. Bytes that fill no part are stored beside the
// parts when it returns.
func (s *S3) Append(ctx context.Context, id string, offset int64, r io.Reader) (n int64, err error) {
	if err := checkID(id); err != nil {
		return 0, err
	}
	unlock, err := s.locks.lock(ctx, id)
	if err != nil {
		return 0, err
	}
	defer unlock()
	u, err := s.upload(ctx, id)
	switch {
	case err != nil:
		return 0, err
	case u.finished():
		return 0, ErrFinished
	case offset != u.length:
		return 0, ErrOffset
	}
	return u.append(ctx, r)
}

// Length is as Dir.Length says.
func (s *S3) Length(ctx context.Context, id string) (int64, error) {
	if err := checkID(id); err != nil {
		return 0, err
	}
	u := &s3Upload{s3: s, id: id}
	err := u.find(ctx)
	return u.length, err
}

// upload reads how far an upload is; one that has not begun has length 0 and
// nothing stored.
func (s *S3) upload(ctx context.Context, id string) (u *s3Upload, err error) {
	for range 3 { // another node may store it under a new length meanwhile
		u = &s3Upload{s3: s, id: id, hash: sha256.New()}
		if err = u.find(ctx); err != nil || u.stored == "" {
			return u, err
		}
		if err = u.read(ctx); !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return u, err
}

// find finds the longest state of the upload.
func (u *s3Upload) find(ctx context.Context) error {
	names, err := u.s3.list(ctx, u.folder())
	if err != nil || len(names) == 0 {
		return s3Fault("look for an upload", err)
	}
	u.stored = names[len(names)-1]
	u.length, err = strconv.ParseInt(strings.TrimPrefix(u.stored, finishedMark), 16, 64)
	return s3Fault("look for an upload", err)
}

func (u *s3Upload) finished() bool { return strings.HasPrefix(u.stored, finishedMark) }

// read reads the state that was found: the tail, a head in JSON, and 4 bytes
// that are the length of the head.
func (u *s3Upload) read(ctx context.Context) error {
	b, err := u.s3.get(ctx, u.s3.prefix+u.folder()+u.stored, partSize+maxHead)
	if err != nil {
		return s3Fault("read an upload", err)
	}
	end := len(b) - 4
	if end < 0 || int64(binary.BigEndian.Uint32(b[end:])) > int64(end) {
		return errDamaged
	}
	begin := end - int(binary.BigEndian.Uint32(b[end:]))
	if json.Unmarshal(b[begin:end], u) != nil || begin >= partSize || u.length != int64(len(u.Parts))*partSize+int64(begin) && !u.finished() {
		return errDamaged
	}
	u.tail = b[:begin]
	if !u.finished() {
		u.hash, err = resumeHash(u.Hash)
	}
	return s3Fault("read an upload", err)
}

var errDamaged = errors.New("blob: the state of an upload is damaged")

// store stores the state under its length, and forgets the one before.
func (u *s3Upload) store(ctx context.Context, mark string) error {
	head, err := json.Marshal(u)
	if err != nil {
		return err
	}
	// Behind the tail is room for this, or what comes next.
	state := binary.BigEndian.AppendUint32(append(u.tail, head...), uint32(len(head)))
	name := fmt.Sprintf("%s%016x", mark, u.length)
	if err := u.s3.put(ctx, u.s3.prefix+u.folder()+name, state); err != nil {
		return s3Fault("store an upload", err)
	}
	if before := u.stored; before != "" && before != name {
		// A shorter one that stays counts no more, and goes with the upload.
		_ = u.s3.remove(ctx, u.s3.prefix+u.folder()+before)
	}
	u.stored = name
	return nil
}

// append adds what r gives, a part at a time. n counts what is stored.
func (u *s3Upload) append(ctx context.Context, r io.Reader) (n int64, err error) {
	buffer := make([]byte, partSize, partSize+headRoom)
	copy(buffer, u.tail)
	for {
		begun := len(u.tail)
		got, readErr := u.fill(ctx, r, buffer[begun:])
		u.tail = buffer[:begun+got]
		u.length += int64(got)
		if got > 0 || u.stored == "" {
			// What has come is kept, also where nobody waits for it any more.
			if err := u.keep(context.WithoutCancel(ctx)); err != nil {
				return n, err
			}
		}
		n += int64(got)
		if readErr != nil {
			if errors.Is(readErr, io.EOF) {
				readErr = nil
			}
			return n, readErr
		}
	}
}

// fill reads until b is full. The error is io.EOF at r's end.
func (u *s3Upload) fill(ctx context.Context, r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		var got int
		got, err = r.Read(b[n:min(n+copySize, len(b))])
		u.hash.Write(b[n : n+got])
		n += got
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("blob: read what is uploaded: %w", err)
	}
	return n, err
}

// keep stores the bytes that have come: as a part where they are one, else in
// the state.
func (u *s3Upload) keep(ctx context.Context) (err error) {
	ctx, end := context.WithTimeout(ctx, requestTime)
	defer end()
	if len(u.tail) == partSize {
		if err := u.putPart(ctx); err != nil {
			return s3Fault("store a part", err)
		}
	}
	if u.Hash, err = hashState(u.hash); err != nil {
		return err
	}
	return u.store(ctx, "")
}

// putPart makes the tail a part.
func (u *s3Upload) putPart(ctx context.Context) (err error) {
	if len(u.Parts) == maxParts {
		return ErrTooLarge
	}
	s := u.s3
	if u.Upload == "" {
		u.Key = s.prefix + u.partsFolder() + rand.Text() // no other node completes to the same
		if u.Upload, err = s.core.NewMultipartUpload(ctx, s.bucket, u.Key, minio.PutObjectOptions{}); err != nil {
			return err
		}
	}
	part, err := s.core.PutObjectPart(ctx, s.bucket, u.Key, u.Upload, len(u.Parts)+1, bytes.NewReader(u.tail), int64(len(u.tail)), minio.PutObjectPartOptions{})
	if err != nil {
		return err
	}
	u.Parts, u.tail = append(u.Parts, part.ETag), nil
	return nil
}

func (u *s3Upload) partsFolder() string { return "parts/" + u.id + "/" }
