package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"deskside/internal/blob"
	"deskside/internal/blobtest"
	"deskside/internal/nettest"
)

func TestS3(t *testing.T) {
	address := blobtest.StartS3(t)
	buckets := 0
	blobtest.Run(t, func(t *testing.T) blobtest.Engine {
		buckets++
		config := blob.S3Config{
			Endpoint: address, Region: "us-east-1", Bucket: fmt.Sprintf("files-%d", buckets), Prefix: "some/where/",
			AccessKey: blobtest.AccessKey, SecretKey: blobtest.SecretKey, Insecure: true,
		}
		admin := blobtest.MakeBucket(t, config)
		return blobtest.Engine{
			Open:   func(t *testing.T) blobtest.Store { return openS3(t, config) },
			Kept:   func(t *testing.T) int { return blobtest.Kept(t, admin, config.Bucket) },
			Memory: 8 << 20,
		}
	})
}

func openS3(t *testing.T, config blob.S3Config) *blob.S3 {
	t.Helper()
	s, err := blob.OpenS3(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestS3GoesOn finishes uploads whose process was killed while it finished
// them: after the parts became one object, and after that was copied.
func TestS3GoesOn(t *testing.T) {
	address := blobtest.StartS3(t)
	for name, foreign := range map[string]bool{"what was sent": false, "something else": true} {
		t.Run(name, func(t *testing.T) {
			config := blob.S3Config{Endpoint: address, Region: "us-east-1", Bucket: "goes-on-" + strings.ReplaceAll(name, " ", "-"), AccessKey: blobtest.AccessKey, SecretKey: blobtest.SecretKey, Insecure: true}
			admin, s := blobtest.MakeBucket(t, config), openS3(t, config)
			content := bytes.Repeat([]byte("deskside"), 1<<20)
			if _, err := s.Append(t.Context(), "x", 0, bytes.NewReader(content)); err != nil {
				t.Fatal(err)
			}
			completeAs(t, admin, config.Bucket, content, foreign)
			sum, err := s.Finish(t.Context(), "x")
			if foreign {
				if err == nil {
					t.Errorf("other bytes were finished as %x", sum)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := s.Open(t.Context(), sum)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, %v, want %d", len(got), err, len(content))
			}
		})
	}
}

// completeAs completes the only multipart upload of the bucket, as the store
// does first when it finishes; with a foreign last part, as a second writer
// on another node could.
func completeAs(t *testing.T, admin *minio.Core, bucket string, content []byte, foreign bool) {
	t.Helper()
	ctx := t.Context()
	open, err := admin.ListMultipartUploads(ctx, bucket, "", "", "", "", 10)
	if err != nil || len(open.Uploads) != 1 {
		t.Fatalf("%d uploads, %v", len(open.Uploads), err)
	}
	one := open.Uploads[0]
	last := bytes.Clone(content[5<<20:])
	if foreign {
		last[0]++
	}
	part, err := admin.PutObjectPart(ctx, bucket, one.Key, one.UploadID, 2, bytes.NewReader(last), int64(len(last)), minio.PutObjectPartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := admin.ListObjectParts(ctx, bucket, one.Key, one.UploadID, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	parts := []minio.CompletePart{{PartNumber: 1, ETag: first.ObjectParts[0].ETag}, {PartNumber: 2, ETag: part.ETag}}
	if _, err := admin.CompleteMultipartUpload(ctx, bucket, one.Key, one.UploadID, parts, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestS3IsDown asks where nobody listens, where the bucket is missing, and
// with a wrong key; no error says the key.
func TestS3IsDown(t *testing.T) {
	good := blob.S3Config{Endpoint: blobtest.StartS3(t), Region: "us-east-1", Bucket: "down", AccessKey: blobtest.AccessKey, SecretKey: blobtest.SecretKey, Insecure: true}
	noBucket, noKey, noServer := good, good, good
	blobtest.MakeBucket(t, good)
	noBucket.Bucket, noKey.SecretKey, noServer.Endpoint = "missing", "wrong-secret", nettest.FreeAddr(t)
	if err := openS3(t, good).Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	for name, config := range map[string]blob.S3Config{"no bucket": noBucket, "wrong key": noKey, "no server": noServer} {
		s := openS3(t, config)
		_, appended := s.Append(t.Context(), "x", 0, strings.NewReader("x"))
		_, opened := s.Open(t.Context(), [32]byte{})
		for what, err := range map[string]error{"ready": s.Ready(t.Context()), "append": appended, "open": opened} {
			missing := what == "open" && name == "no bucket" && errors.Is(err, blob.ErrNotFound)
			if err == nil || errors.Is(err, blob.ErrNotFound) && !missing {
				t.Errorf("%s, %s: %v", name, what, err)
			} else if strings.Contains(err.Error(), config.SecretKey) || strings.Contains(err.Error(), "uploads/") {
				t.Errorf("%s, %s: the error says too much: %v", name, what, err)
			}
		}
	}
}
