package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config says where a bucket is. The bucket must be there already, be
// private, and belong to this server alone, or the part below Prefix.
type S3Config struct {
	Endpoint  string // host or host:port
	Region    string // asked of the server where it is ""
	Bucket    string
	Prefix    string // of all keys; "" or such as "deskside/"
	AccessKey string
	SecretKey string
	Insecure  bool // HTTP without TLS, for a server on the same machine
	// Transport makes the requests; minio-go's own where it is nil.
	Transport http.RoundTripper
}

// S3 keeps bytes in a bucket of an S3 server, for any number of nodes:
//
//	uploads/ID/LENGTH  how far an upload is, with the bytes that are no part yet
//	uploads/ID/zLENGTH that it is finished, and its SHA-256; stays until Abort
//	parts/ID/RANDOM    the multipart upload, and for a moment the object of it
//	ab/cdef…           the content whose SHA-256 is abcdef…
//
// The server must list what it has just stored (all do since 2020). A process
// that is killed can leave a multipart upload that Abort does not see on
// servers that list those by exact key only: such a bucket needs the rule
// AbortIncompleteMultipartUpload.
//
// A file is at most 10,000 parts of 5 MiB, 48.8 GiB; more is ErrTooLarge.
// Above 5 GiB the server copies it in parts when it is finished.
//
// It is safe for concurrent use.
type S3 struct {
	core           *minio.Core
	bucket, prefix string
	locks          locks
}

// OpenS3 returns the bucket. It does not connect yet: see Ready.
func OpenS3(c S3Config) (*S3, error) {
	core, err := minio.NewCore(c.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure: !c.Insecure, Region: c.Region, Transport: c.Transport,
		MaxRetries: 4, // about a second; the client of an upload tries again longer
	})
	if err != nil {
		return nil, fmt.Errorf("blob: open the bucket: %w", err)
	}
	return &S3{core: core, bucket: c.Bucket, prefix: c.Prefix}, nil
}

// Close does nothing: there is nothing open between calls.
func (s *S3) Close() error { return nil }

// Ready says why the bucket can't be reached, or nil.
func (s *S3) Ready(ctx context.Context) error {
	found, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !found {
		err = errors.New("no such bucket")
	}
	return s3Fault("look at the bucket", err)
}

// Open returns the content with this SHA-256, or ErrNotFound. Reading it ends
// with ctx. A seek costs a request at the next read.
func (s *S3) Open(ctx context.Context, sum [sha256.Size]byte) (Content, error) {
	info, err := s.core.StatObject(ctx, s.bucket, s.contentKey(sum), minio.StatObjectOptions{})
	if err != nil {
		return nil, s3Fault("open", err)
	}
	return &object{ctx: ctx, s3: s, key: s.contentKey(sum), size: info.Size}, nil
}

// Remove forgets the content with this SHA-256. It does not mind if there is
// none.
func (s *S3) Remove(ctx context.Context, sum [sha256.Size]byte) error {
	return s.remove(ctx, s.contentKey(sum))
}

// put stores an object at once.
func (s *S3) put(ctx context.Context, key string, content []byte) error {
	_, err := s.core.PutObject(ctx, s.bucket, key, bytes.NewReader(content), int64(len(content)), "", "", minio.PutObjectOptions{})
	return err
}

// get reads an object of at most limit bytes.
func (s *S3) get(ctx context.Context, key string, limit int) ([]byte, error) {
	body, info, _, err := s.core.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if info.Size < 0 || info.Size > int64(limit) {
		return nil, errors.New("an object has a size that it can't have")
	}
	content := make([]byte, info.Size)
	_, err = io.ReadFull(body, content)
	return content, err
}

func (s *S3) remove(ctx context.Context, key string) error {
	err := s3Fault("remove", s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// list returns the names of the objects below a folder, in order.
func (s *S3) list(ctx context.Context, folder string) (names []string, err error) {
	ctx, end := context.WithCancel(ctx)
	defer end() // else the listing waits for somebody to take the rest
	for o := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + folder, Recursive: true}) {
		if o.Err != nil {
			return nil, o.Err
		}
		names = append(names, strings.TrimPrefix(o.Key, s.prefix+folder))
	}
	return names, nil
}

func (s *S3) contentKey(sum [sha256.Size]byte) string {
	name := hex.EncodeToString(sum[:])
	return s.prefix + name[:2] + "/" + name[2:]
}

// s3Fault says what was done when err came, without the key in err.
func s3Fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	if request := (*url.Error)(nil); errors.As(err, &request) {
		err = request.Err
	}
	switch {
	case answer(err).Code == minio.NoSuchKey:
		return ErrNotFound
	case answer(err).StatusCode == http.StatusInsufficientStorage:
		return fmt.Errorf("blob: %s: %w: %w", doing, ErrNoSpace, err)
	}
	return fmt.Errorf("blob: %s: %w", doing, err)
}

// answer returns what the server said, where err is that.
func answer(err error) (said minio.ErrorResponse) {
	errors.As(err, &said)
	return said
}

// An object is content in a bucket that is read from some place on.
type object struct {
	ctx  context.Context // of Open: io.Reader takes none
	s3   *S3
	key  string
	size int64
	at   int64
	body io.ReadCloser // gives what is at at; nil where nobody asked yet
}

func (o *object) Size() int64 { return o.size }

func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil {
		if err := o.request(); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	switch {
	case errors.Is(err, io.EOF) && o.at < o.size:
		err = io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF) && n > 0:
		err = nil // the next read says it
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = s3Fault("read", err)
	}
	return n, err
}

// request asks for all from here on; who needs less closes it earlier.
func (o *object) request() (err error) {
	options := minio.GetObjectOptions{}
	if err := options.SetRange(o.at, o.size-1); err != nil {
		return s3Fault("read", err)
	}
	o.body, _, _, err = o.s3.core.GetObject(o.ctx, o.s3.bucket, o.key, options)
	return s3Fault("read", err)
}

func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return 0, errors.New("blob: seek to no place of the content")
	}
	if offset == o.at {
		return offset, nil
	}
	o.at = offset
	return offset, o.Close()
}

func (o *object) Close() error {
	if o.body == nil {
		return nil
	}
	err := o.body.Close()
	o.body = nil
	return err
}
