package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"deskside/internal/blob"
	"deskside/internal/blobtest"
)

const (
	serverVersion = "v1.8.0" // of versitygw, as in its go.mod below testdata
	accessKey     = "deskside-test"
	secretKey     = "deskside-test-secret"
)

func TestS3(t *testing.T) {
	address := startS3(t)
	buckets := 0
	blobtest.Run(t, func(t *testing.T) blobtest.Engine {
		buckets++
		config := blob.S3Config{
			Endpoint: address, Region: "us-east-1", Bucket: fmt.Sprintf("files-%d", buckets), Prefix: "some/where/",
			AccessKey: accessKey, SecretKey: secretKey, Insecure: true,
		}
		admin := makeBucket(t, config)
		return blobtest.Engine{
			Open:   func(t *testing.T) blobtest.Store { return openS3(t, config) },
			Kept:   func(t *testing.T) int { return keptIn(t, admin, config.Bucket) },
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

func makeBucket(t *testing.T, config blob.S3Config) *minio.Core {
	t.Helper()
	admin, err := minio.NewCore(config.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Region: config.Region})
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.MakeBucket(t.Context(), config.Bucket, minio.MakeBucketOptions{Region: config.Region}); err != nil {
		t.Fatal(err)
	}
	return admin
}

// keptIn counts objects and multipart uploads that nobody completed.
func keptIn(t *testing.T, admin *minio.Core, bucket string) (n int) {
	t.Helper()
	for o := range admin.Client.ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		n++
	}
	unfinished, err := admin.ListMultipartUploads(t.Context(), bucket, "", "", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return n + len(unfinished.Uploads)
}

// TestS3GoesOn finishes uploads whose process was killed while it finished
// them: after the parts became one object, and after that was copied.
func TestS3GoesOn(t *testing.T) {
	address := startS3(t)
	for name, foreign := range map[string]bool{"what was sent": false, "something else": true} {
		t.Run(name, func(t *testing.T) {
			config := blob.S3Config{Endpoint: address, Region: "us-east-1", Bucket: "goes-on-" + strings.ReplaceAll(name, " ", "-"), AccessKey: accessKey, SecretKey: secretKey, Insecure: true}
			admin, s := makeBucket(t, config), openS3(t, config)
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
	good := blob.S3Config{Endpoint: startS3(t), Region: "us-east-1", Bucket: "down", AccessKey: accessKey, SecretKey: secretKey, Insecure: true}
	noBucket, noKey, noServer := good, good, good
	makeBucket(t, good)
	noBucket.Bucket, noKey.SecretKey, noServer.Endpoint = "missing", "wrong-secret", freeAddress(t)
	if err := openS3(t, good).Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	for name, config := range map[string]blob.S3Config{"no bucket": noBucket, "wrong key": noKey, "no server": noServer} {
		s := openS3(t, config)
		_, appended := s.Append(t.Context(), "x", 0, strings.NewReader("x"))
		_, put := s.Put(t.Context(), []byte("x"))
		_, opened := s.Open(t.Context(), [32]byte{})
		for what, err := range map[string]error{"ready": s.Ready(t.Context()), "append": appended, "put": put, "open": opened} {
			missing := what == "open" && name == "no bucket" && errors.Is(err, blob.ErrNotFound)
			if err == nil || errors.Is(err, blob.ErrNotFound) && !missing {
				t.Errorf("%s, %s: %v", name, what, err)
			} else if strings.Contains(err.Error(), config.SecretKey) || strings.Contains(err.Error(), "uploads/") {
				t.Errorf("%s, %s: the error says too much: %v", name, what, err)
			}
		}
	}
}

// buildS3 compiles the server once for each version and machine.
var buildS3 = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "deskside-tests", "versitygw-"+serverVersion)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
		return "", err
	}
	// Under a name of its own until it is whole: others may build it too.
	fresh := fmt.Sprintf("%s.%d", program, os.Getpid())
	build := exec.Command("go", "build", "-o", fresh, "github.com/versity/versitygw/cmd/versitygw")
	build.Dir = filepath.Join("testdata", "versitygw")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, os.Rename(fresh, program)
})

// startS3 runs a real S3 server until the test ends, and returns its address.
func startS3(t *testing.T) (address string) {
	t.Helper()
	program, err := buildS3()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("versitygw can't be built: %v", err)
	}
	address = freeAddress(t)
	folder := t.TempDir()
	// Beside the objects, not in attributes of files: not every temporary
	// directory has those.
	attributes := t.TempDir()
	server := exec.Command(program, "--port", address, "--access", accessKey, "--secret", secretKey, "--quiet", "posix", "--sidecar", attributes, folder)
	var output bytes.Buffer
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		_ = server.Wait()
		if t.Failed() {
			t.Logf("the server said:\n%.4000s", &output)
		}
	})
	const patience = 30 * time.Second
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not listen after %s", patience)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
