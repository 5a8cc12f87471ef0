package blobtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"

	"deskside/internal/blob"
)

// testContent reads content in every way that an io.ReadSeeker can be read.
func testContent(t *testing.T, b *bench) {
	content := noise(20, 6000)
	b.append("x", 0, content)
	c, err := b.Open(t.Context(), b.finish("x", content))
	b.must("open", err)
	b.must("read and seek", iotest.TestReader(struct{ io.ReadSeeker }{c}, content))
	if _, err := c.Seek(-1, io.SeekStart); err == nil {
		t.Error("a seek before the beginning goes well")
	}
	_, err = c.Seek(0, io.SeekStart)
	b.must("seek", err)
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Range", "bytes=5990-,10-19")
	answer := httptest.NewRecorder()
	http.ServeContent(answer, request, "", time.Time{}, c)
	if answer.Code != http.StatusPartialContent {
		t.Errorf("a range request: status %d", answer.Code)
	}
	b.must("close", c.Close())
}

func testRemove(t *testing.T, b *bench) {
	content := noise(21, 3000)
	b.must("remove nothing", b.Remove(t.Context(), [32]byte{1}))
	b.append("x", 0, content)
	sum := b.finish("x", content)
	b.must("forget the upload", b.Abort(t.Context(), "x"))
	b.must("remove", b.Remove(t.Context(), sum))
	b.must("remove again", b.Remove(t.Context(), sum))
	b.wantNoContent(sum)
	b.wantKept(0)
}

// testEqualContent stores equal bytes twice; they are kept once.
func testEqualContent(t *testing.T, b *bench) {
	content := noise(23, 1000)
	for _, id := range []string{"x", "y"} {
		b.append(id, 0, content)
		b.finish(id, content)
		b.must("forget the upload", b.Abort(t.Context(), id))
	}
	b.wantKept(1)
}

// testIDs lets no id be more than a name.
func testIDs(t *testing.T, b *bench) {
	for _, id := range []string{"", ".", "..", "../x", "x/y", `x\y`, "x.state", "x\x00", "ä", string(noise(24, 65))} {
		_, err := b.Append(t.Context(), id, 0, http.NoBody)
		b.wantError("append", err, blob.ErrID)
		_, err = b.Length(t.Context(), id)
		b.wantError("length", err, blob.ErrID)
		_, err = b.Finish(t.Context(), id)
		b.wantError("finish", err, blob.ErrID)
		b.wantError("abort", b.Abort(t.Context(), id), blob.ErrID)
	}
	b.wantKept(0)
}
