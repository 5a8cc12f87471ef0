package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"time"

	"deskside"
	"deskside/internal/blob"
	"deskside/internal/desk"
	"deskside/internal/picture"
	"deskside/internal/scan"
)

// S3 is a bucket of an S3 server.
type S3 = blob.S3Config

// Files say where the bytes of files go, and which are taken.
type Files struct {
	S3      S3     // without a bucket they go to the folder "files" of the data folder
	Scanner string // icap://host:port/service, or clamd at tcp://host:port or unix:/path; none without
	Rules   deskside.FileRules
}

// The defaults of what is taken.
const (
	DefaultFileSize    = 2 << 30
	DefaultSessionSize = 10 << 30
)

// files opens what the desk needs for files.
func (c *Config) files(ctx context.Context) (o desk.FileOptions, close func() error, err error) {
	o = desk.FileOptions{Rules: c.Files.Rules, KeepFor: c.KeepFiles, Pictures: pictures}
	if o.Scanner, err = openScanner(c.Files.Scanner); err != nil {
		return o, nil, fmt.Errorf("the scanner: %w", err)
	}
	var engine blobEngine
	if c.Files.S3.Bucket != "" {
		engine, err = c.openBucket(ctx)
	} else {
		engine, err = blob.OpenDir(filepath.Join(c.Data, "files"))
	}
	if err != nil {
		return o, nil, err
	}
	o.Blobs = blobs{engine}
	return o, engine.Close, nil
}

// openBucket opens the bucket. One that can't be reached keeps files waiting,
// but not people from writing.
func (c *Config) openBucket(ctx context.Context) (*blob.S3, error) {
	s3, err := blob.OpenS3(c.Files.S3)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := s3.Ready(ctx); err != nil {
		c.Logger.Warn("the bucket for files can't be reached", "error", err)
	}
	return s3, nil
}

// A blobEngine is blob.Dir or blob.S3.
type blobEngine interface {
	Append(ctx context.Context, id string, offset int64, r io.Reader) (int64, error)
	Length(ctx context.Context, id string) (int64, error)
	Finish(ctx context.Context, id string) ([32]byte, error)
	Abort(ctx context.Context, id string) error
	Open(ctx context.Context, sum [32]byte) (blob.Content, error)
	Remove(ctx context.Context, sum [32]byte) error
	Close() error
}

// blobs makes an engine what the desk asks for.
type blobs struct{ engine blobEngine }

func (b blobs) Append(ctx context.Context, upload string, offset int64, r io.Reader) (int64, error) {
	n, err := b.engine.Append(ctx, upload, offset, r)
	return n, refusal(err)
}

func (b blobs) Length(ctx context.Context, upload string) (int64, error) {
	n, err := b.engine.Length(ctx, upload)
	return n, refusal(err)
}

func (b blobs) Finish(ctx context.Context, upload string) ([]byte, error) {
	sum, err := b.engine.Finish(ctx, upload)
	return sum[:], refusal(err)
}

func (b blobs) Abort(ctx context.Context, upload string) error {
	return refusal(b.engine.Abort(ctx, upload))
}

func (b blobs) Open(ctx context.Context, sum []byte) (desk.Content, error) {
	c, err := b.engine.Open(ctx, [32]byte(sum))
	return c, refusal(err)
}

func (b blobs) Remove(ctx context.Context, sum []byte) error {
	return refusal(b.engine.Remove(ctx, [32]byte(sum)))
}

// refusal gives an engine's errors the codes that the desk knows.
func refusal(err error) error {
	switch {
	case errors.Is(err, blob.ErrOffset), errors.Is(err, blob.ErrFinished):
		return deskside.Errorf(deskside.CodeFileOffset, "The file has another length: %w", err)
	case errors.Is(err, blob.ErrNotFound):
		return deskside.Errorf(deskside.CodeNotFound, "These bytes are not here: %w", err)
	case errors.Is(err, blob.ErrNoSpace):
		return deskside.Errorf(deskside.CodeNoSpace, "The server's disk is nearly full: %w", err)
	case errors.Is(err, blob.ErrTooLarge):
		return deskside.Errorf(deskside.CodeFileTooLarge, "The file is too large: %w", err)
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), deskside.CodeOf(err) != deskside.CodeInternal:
		return err
	}
	return deskside.Unavailable(err) // the disk, the network or the S3 server
}

// pictures implements desk.Pictures.
func pictures(ctx context.Context, r io.Reader) (desk.Shown, error) {
	p, err := picture.Clean(ctx, r, picture.Limits{})
	if errors.Is(err, picture.ErrFormat) || errors.Is(err, picture.ErrTooLarge) {
		return desk.Shown{}, deskside.Errorf(deskside.CodeInvalid, "This is no picture that can be shown: %w", err)
	}
	return desk.Shown{Full: p.Full.Bytes, Preview: p.Preview.Bytes, Width: p.Full.Width, Height: p.Full.Height}, err
}

// dialTimeout is how long a scanner or a bucket may take to be reached.
const dialTimeout = 10 * time.Second

// openScanner opens a scanner by its address; nil for none.
func openScanner(address string) (desk.Scanner, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if address == "" {
		return nil, nil
	}
	if strings.HasPrefix(address, "icap:") {
		s, err := scan.NewICAP(address, dialer)
		return scanner{s}, err
	}
	s, err := scan.NewClamd(address, dialer)
	return scanner{s}, err
}

// scanner makes a scanner what the desk asks for.
type scanner struct {
	engine interface {
		Scan(ctx context.Context, r io.Reader) (scan.Verdict, error)
	}
}

func (s scanner) Scan(ctx context.Context, r io.Reader) (string, error) {
	v, err := s.engine.Scan(ctx, r)
	switch {
	case errors.Is(err, scan.ErrTooLarge):
		return "", deskside.Errorf(deskside.CodeFileTooLarge, "The scanner takes no file of this size: %w", err)
	case err != nil:
		return "", err
	case !v.Clean && v.Threat == "":
		return "unnamed", nil
	}
	return v.Threat, nil
}
