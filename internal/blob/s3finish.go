package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"github.com/minio/minio-go/v7"
)

// Finish is as Dir.Finish says.
func (s *S3) Finish(ctx context.Context, id string) (sum [sha256.Size]byte, err error) {
	if err := checkID(id); err != nil {
		return sum, err
	}
	unlock, err := s.locks.lock(ctx, id)
	if err != nil {
		return sum, err
	}
	defer unlock()
	for range finishTries { // another node may finish it meanwhile
		if sum, err = s.finish(ctx, id); !gone(err) {
			break
		}
		select {
		case <-ctx.Done():
			return sum, ctx.Err()
		case <-time.After(finishAgain):
		}
	}
	return sum, s3Fault("finish", err)
}

// finishTries is how often an upload is tried to be finished that another node
// is at, and finishAgain how long it is left to that in between.
const finishTries, finishAgain = 5, 100 * time.Millisecond

func (s *S3) finish(ctx context.Context, id string) (sum [sha256.Size]byte, err error) {
	u, err := s.upload(ctx, id)
	switch {
	case err != nil:
		return sum, err
	case u.stored == "":
		return sum, ErrNotFound
	case u.finished():
		copy(sum[:], u.Hash)
		return sum, nil
	}
	u.hash.Sum(sum[:0])
	if err := u.publish(ctx, sum); err != nil {
		return sum, err
	}
	u.Hash, u.tail = sum[:], nil
	u.Key, u.Upload, u.Parts = "", "", nil
	if err := u.store(ctx, finishedMark); err != nil {
		return sum, err
	}
	return sum, u.clean(ctx, false)
}

// publish makes the bytes readable under their sum.
func (u *s3Upload) publish(ctx context.Context, sum [sha256.Size]byte) error {
	s := u.s3
	if u.Upload == "" {
		return s.put(ctx, s.contentKey(sum), u.tail)
	}
	err := u.complete(ctx)
	if gone(err) || answer(err).Code == minio.InvalidPart {
		// Somebody completed it, and was killed or is at it: then some servers
		// miss the parts first. What they made counts if it is what this state
		// says, and nobody but the bytes themselves can tell.
		err = u.check(ctx, sum)
	}
	if err != nil {
		return err
	}
	_, err = s.core.ComposeObject(ctx,
		minio.CopyDestOptions{Bucket: s.bucket, Object: s.contentKey(sum)},
		minio.CopySrcOptions{Bucket: s.bucket, Object: u.Key})
	return err
}

// complete makes one object of the parts. The server refuses it if one of
// them is not the part that this state means.
func (u *s3Upload) complete(ctx context.Context) error {
	if len(u.tail) > 0 {
		if err := u.putPart(ctx); err != nil {
			return err
		}
	}
	parts := make([]minio.CompletePart, len(u.Parts))
	for i, etag := range u.Parts {
		parts[i] = minio.CompletePart{PartNumber: i + 1, ETag: etag}
	}
	_, err := u.s3.core.CompleteMultipartUpload(ctx, u.s3.bucket, u.Key, u.Upload, parts, minio.PutObjectOptions{})
	return err
}

// check reads what was completed, and compares.
func (u *s3Upload) check(ctx context.Context, sum [sha256.Size]byte) error {
	body, _, _, err := u.s3.core.GetObject(ctx, u.s3.bucket, u.Key, minio.GetObjectOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, body, make([]byte, copySize)); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != sum {
		return errors.New("the parts of the upload are not what was sent")
	}
	return nil
}

// gone says whether an error means that somebody else was faster.
func gone(err error) bool {
	code := answer(err).Code
	return code == minio.NoSuchUpload || code == minio.NoSuchKey
}

// Abort is as Dir.Abort says.
func (s *S3) Abort(ctx context.Context, id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	unlock, err := s.locks.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	return (&s3Upload{s3: s, id: id}).clean(ctx, true)
}

// clean forgets what belongs to the upload: its parts first, so that they are
// found again if it does not come to its end. A state of a finished upload
// stays unless all is to go.
func (u *s3Upload) clean(ctx context.Context, all bool) error {
	if err := u.abortParts(ctx); err != nil {
		return s3Fault("remove parts", err)
	}
	for _, folder := range []string{u.partsFolder(), u.folder()} {
		names, err := u.s3.list(ctx, folder)
		if err != nil {
			return s3Fault("list what is left", err)
		}
		for _, name := range names {
			if folder == u.folder() && name[:1] == finishedMark && !all {
				continue
			}
			if err := u.s3.remove(ctx, u.s3.prefix+folder+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// abortParts ends multipart uploads that nobody completed.
func (u *s3Upload) abortParts(ctx context.Context) error {
	s := u.s3
	known, err := s.core.ListMultipartUploads(ctx, s.bucket, s.prefix+u.partsFolder(), "", "", "", maxUploads)
	if err != nil {
		return err
	}
	for _, one := range known.Uploads {
		if err := s.core.AbortMultipartUpload(ctx, s.bucket, one.Key, one.UploadID); err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

// maxUploads is far above how many nodes can have begun the same upload.
const maxUploads = 1000
