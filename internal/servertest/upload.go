package servertest

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"

	"deskside"
)

// Offer offers a file by tus, and returns the answer; on success its Location
// is where the bytes go. More pairs of its metadata may follow.
func (c *Client) Offer(t testing.TB, id deskside.SessionID, name, kind string, size int64, request string, more ...string) Answer {
	t.Helper()
	r := c.Request(t, http.MethodPost, "/api/sessions/"+string(id)+"/uploads", "", nil)
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Upload-Length", strconv.FormatInt(size, 10))
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	about := fmt.Sprintf("filename %s,filetype %s,id %s", encode(name), encode(kind), encode(request))
	for i := 0; i < len(more); i += 2 {
		about += "," + more[i] + " " + encode(more[i+1])
	}
	r.Header.Set("Upload-Metadata", about)
	return c.Do(t, r)
}

// SendBytes sends bytes of a file. The error is that of the connection, or of
// body.
func (c *Client) SendBytes(t testing.TB, location string, offset int64, body io.Reader) (Answer, error) {
	t.Helper()
	r := c.Request(t, http.MethodPatch, location, "application/offset+octet-stream", nil)
	r.Body, r.ContentLength = io.NopCloser(body), -1
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	return Answer{resp.StatusCode, resp.Header, said}, err
}

// Tus makes a request of tus without a body.
func (c *Client) Tus(t testing.TB, method, location string) Answer {
	t.Helper()
	r := c.Request(t, method, location, "", nil)
	r.Header.Set("Tus-Resumable", "1.0.0")
	return c.Do(t, r)
}

// UploadOffset returns how many bytes of a file the server has.
func (c *Client) UploadOffset(t testing.TB, location string) int64 {
	t.Helper()
	a := c.Tus(t, http.MethodHead, location)
	n, err := strconv.ParseInt(a.Header.Get("Upload-Offset"), 10, 64)
	if a.Status != http.StatusOK || err != nil {
		t.Fatalf("HEAD %s: status %d, %v", location, a.Status, err)
	}
	return n
}

// Files returns how far each file of the session has come, by its id.
func (c *Client) Files(t testing.TB, id deskside.SessionID) map[deskside.FileID]*deskside.FileMoved {
	t.Helper()
	files := make(map[deskside.FileID]*deskside.FileMoved)
	for _, e := range c.Events(t, id) {
		switch b := e.Body.(type) {
		case *deskside.Attached:
			files[b.File] = &deskside.FileMoved{File: b.File, State: deskside.FileOffered}
		case *deskside.FileMoved:
			files[b.File] = b
		}
	}
	return files
}
