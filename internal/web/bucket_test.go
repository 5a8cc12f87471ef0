package web_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"deskside"
	"deskside/internal/blobtest"
	"deskside/internal/nettest"
	"deskside/internal/node"
	"deskside/internal/servertest"
)

// TestFilesInABucket takes a file of several parts, and a picture, through a
// server whose bytes are in a bucket, until they are removed.
func TestFilesInABucket(t *testing.T) {
	bucket := node.S3{
		Endpoint: blobtest.StartS3(t), Region: "us-east-1", Bucket: "deskside", Prefix: "files/",
		AccessKey: blobtest.AccessKey, SecretKey: blobtest.SecretKey, Insecure: true,
	}
	admin := blobtest.MakeBucket(t, bucket)
	s := servertest.Start(t, func(c *node.Config) { c.Files.S3, c.KeepFiles, c.IdleEnd = bucket, 24*time.Hour, 60*24*time.Hour })
	agent, guest, id := active(t, s)
	want := content(12 << 20)
	location, file := offer(t, guest, id, "large.bin", "", len(want))
	for _, piece := range [][]byte{want[:7<<20], want[7<<20:]} {
		if a, err := guest.SendBytes(t, location, guest.UploadOffset(t, location), bytes.NewReader(piece)); err != nil || a.Status != http.StatusNoContent {
			t.Fatalf("send: %v, status %d: %s", err, a.Status, a.Body)
		}
	}
	if m := settled(t, agent, id, file); m.SHA256 != hexSum(want) {
		t.Errorf("it became %+v", m)
	}
	if a := agent.Get(t, filePath(id, file)); !bytes.Equal(a.Body, want) {
		t.Errorf("download: status %d, %d bytes", a.Status, len(a.Body))
	}
	r := agent.Request(t, http.MethodGet, filePath(id, file), "", nil)
	r.Header.Set("Range", "bytes=6000000-6000099")
	if a := agent.Do(t, r); a.Status != http.StatusPartialContent || !bytes.Equal(a.Body, want[6000000:6000100]) {
		t.Errorf("a range: status %d, %d bytes", a.Status, len(a.Body))
	}
	picture, m := send(t, agent, id, "shot.png", "image/png", pngOf(t, 640, 480))
	if a := guest.Get(t, filePath(id, picture)+"/preview"); m.Width != 640 || a.Status != http.StatusOK {
		t.Errorf("a picture became %+v, status %d", m, a.Status)
	}
	agent.Ask(t, id, map[string]any{"type": "end"})
	s.Clock.Advance(25 * time.Hour)
	servertest.Eventually(t, "the files are removed", func() bool {
		return guest.Files(t, id)[file].State == deskside.FileRemoved && guest.Files(t, id)[picture].State == deskside.FileRemoved
	})
	servertest.Eventually(t, "no byte of them is left", func() bool { return blobtest.Kept(t, admin, bucket.Bucket) == 0 })
}

// TestBucketIsDown: people can still write, and read why files can't be sent.
func TestBucketIsDown(t *testing.T) {
	s := servertest.Start(t, func(c *node.Config) {
		c.Files.S3 = node.S3{Endpoint: nettest.FreeAddr(t), Region: "us-east-1", Bucket: "deskside", AccessKey: "a", SecretKey: "wrong-secret", Insecure: true}
	})
	_, guest, id := active(t, s)
	guest.Say(t, id, "Hello")
	location, _ := offer(t, guest, id, "a.txt", "", 5)
	if a, err := guest.SendBytes(t, location, 0, strings.NewReader("hello")); err != nil || a.Code() != deskside.CodeUnavailable {
		t.Errorf("send: %v, status %d: %s", err, a.Status, a.Body)
	}
	if log := s.Log.String(); !strings.Contains(log, "bucket for files can't be reached") || strings.Contains(log, "wrong-secret") {
		t.Errorf("the log says\n%s", log)
	}
}
