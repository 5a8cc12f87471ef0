package blobtest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"deskside/internal/blob"
	"deskside/internal/nettest"
)

const (
	serverVersion = "v1.8.0" // of versitygw, as in its go.mod below testdata

	// AccessKey and SecretKey are those of the server that StartS3 starts.
	AccessKey = "deskside-test"
	SecretKey = "deskside-test-secret"
)

// MakeBucket makes the bucket that config names.
func MakeBucket(t *testing.T, config blob.S3Config) *minio.Core {
	t.Helper()
	admin, err := minio.NewCore(config.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(AccessKey, SecretKey, ""), Region: config.Region})
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.MakeBucket(t.Context(), config.Bucket, minio.MakeBucketOptions{Region: config.Region}); err != nil {
		t.Fatal(err)
	}
	return admin
}

// Kept counts objects and multipart uploads that nobody completed.
func Kept(t *testing.T, admin *minio.Core, bucket string) (n int) {
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
	build.Dir = filepath.Join("..", "blob", "testdata", "versitygw") // from any package beside this one
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, os.Rename(fresh, program)
})

// StartS3 runs a real S3 server until the test ends, and returns its address.
func StartS3(t *testing.T) (address string) {
	t.Helper()
	program, err := buildS3()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("versitygw can't be built: %v", err)
	}
	address = nettest.FreeAddr(t)
	folder := t.TempDir()
	// Beside the objects, not in attributes of files: not every temporary
	// directory has those.
	attributes := t.TempDir()
	server := exec.Command(program, "--port", address, "--access", AccessKey, "--secret", SecretKey, "--quiet", "posix", "--sidecar", attributes, folder)
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
