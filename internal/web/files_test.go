package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deskside"
	"deskside/internal/node"
	"deskside/internal/servertest"
)

// content is bytes that no file of another size has.
func content(size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), byte(size >> 16)})
	_, _ = r.Read(b) // never fails
	return b
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// offer offers a file and returns where its bytes go, and its id.
func offer(t *testing.T, c *servertest.Client, id deskside.SessionID, name, kind string, size int) (location string, file deskside.FileID) {
	t.Helper()
	a := c.Offer(t, id, name, kind, int64(size), deskside.NewID())
	if a.Status != http.StatusCreated {
		t.Fatalf("offer: status %d: %s", a.Status, a.Body)
	}
	location = a.Header.Get("Location")
	bare, _, _ := strings.Cut(location, "?")
	return location, deskside.FileID(path.Base(bare))
}

// send offers a file, sends it, and waits until it is not under way any more.
func send(t *testing.T, c *servertest.Client, id deskside.SessionID, name, kind string, b []byte) (deskside.FileID, *deskside.FileMoved) {
	t.Helper()
	location, file := offer(t, c, id, name, kind, len(b))
	if a, err := c.SendBytes(t, location, 0, bytes.NewReader(b)); err != nil || a.Status != http.StatusNoContent {
		t.Fatalf("send: %v, status %d: %s", err, a.Status, a.Body)
	}
	return file, settled(t, c, id, file)
}

func settled(t *testing.T, c *servertest.Client, id deskside.SessionID, file deskside.FileID) (m *deskside.FileMoved) {
	t.Helper()
	servertest.Eventually(t, "the file is settled", func() bool {
		m = c.Files(t, id)[file]
		return m.State != deskside.FileOffered && m.State != deskside.FileChecking
	})
	return m
}

func filePath(id deskside.SessionID, file deskside.FileID) string {
	return "/api/sessions/" + string(id) + "/files/" + string(file)
}

func TestFilesReachTheOtherSide(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	outsider := s.Agent(t, "Eve")
	for _, from := range []*servertest.Client{agent, guest} {
		want := content(300_000)
		file, moved := send(t, from, id, "Rechnung für \"Ada\".pdf", "application/pdf", want)
		if moved.State != deskside.FileArrived || moved.SHA256 != hexSum(want) {
			t.Fatalf("it became %+v", moved)
		}
		for _, to := range []*servertest.Client{agent, guest} {
			a := to.Get(t, filePath(id, file))
			if a.Status != http.StatusOK || !bytes.Equal(a.Body, want) {
				t.Errorf("download: status %d, %d bytes", a.Status, len(a.Body))
			}
			for name, value := range map[string]string{
				"Content-Disposition":          `attachment; filename="Rechnung f_r _Ada_.pdf"; filename*=UTF-8''Rechnung%20f%C3%BCr%20_Ada_.pdf`,
				"X-Content-Type-Options":       "nosniff",
				"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; sandbox",
				"Cross-Origin-Resource-Policy": "same-origin",
				"ETag":                         `"` + moved.SHA256 + `"`,
				"Cache-Control":                "private, no-cache",
			} {
				if got := a.Header.Get(name); got != value {
					t.Errorf("%s: %q, want %q", name, got, value)
				}
			}
		}
		r := guest.Request(t, http.MethodGet, filePath(id, file), "", nil)
		r.Header.Set("Range", "bytes=1000-1999")
		if a := guest.Do(t, r); a.Status != http.StatusPartialContent || !bytes.Equal(a.Body, want[1000:2000]) {
			t.Errorf("a range: status %d, %d bytes", a.Status, len(a.Body))
		}
		if a := outsider.Get(t, filePath(id, file)); a.Status != http.StatusNotFound {
			t.Errorf("another agent: status %d", a.Status)
		}
		if a := s.Browser(t).Get(t, filePath(id, file)); a.Status != http.StatusUnauthorized {
			t.Errorf("nobody: status %d", a.Status)
		}
	}
	for _, form := range []string{"txt", "html"} {
		text := string(guest.Get(t, "/api/sessions/"+string(id)+"/transcript."+form).Body)
		if !strings.Contains(text, "300 KB, SHA-256 "+hexSum(content(300_000))) {
			t.Errorf("the transcript says of the file:\n%s", text)
		}
	}
}

func TestEmptyFile(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	_, file := offer(t, guest, id, "empty", "", 0)
	if m := settled(t, agent, id, file); m.State != deskside.FileArrived || m.SHA256 != hexSum(nil) {
		t.Errorf("it became %+v", m)
	}
	if a := agent.Get(t, filePath(id, file)); a.Status != http.StatusOK || len(a.Body) != 0 {
		t.Errorf("status %d, %d bytes", a.Status, len(a.Body))
	}
}

// TestHostileContent: whatever it says it is, nothing of it runs.
func TestHostileContent(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	for name, b := range map[string]string{
		"page.html":  "<!doctype html><script>alert(1)</script>",
		"image.svg":  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"bare.svg":   `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"fake.png":   "\x89PNG\r\n\x1a\n<script>alert(1)</script>",
		"script.js":  "alert(1)",
		"paper.pdf":  "%PDF-1.7 /JS (alert(1))",
		"bitmap.bmp": "BM<script>alert(1)</script>",
	} {
		file, moved := send(t, guest, id, name, "text/html", []byte(b))
		if moved.State != deskside.FileArrived || moved.Width != 0 {
			t.Errorf("%s became %+v", name, moved)
		}
		a := agent.Get(t, filePath(id, file))
		kind := a.Header.Get("Content-Type")
		if !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || strings.Contains(kind, "html") || strings.Contains(kind, "xml") || strings.Contains(kind, "script") {
			t.Errorf("%s is %s, %s", name, kind, a.Header.Get("Content-Disposition"))
		}
		if a := agent.Get(t, filePath(id, file)+"/picture"); a.Status != http.StatusNotFound {
			t.Errorf("%s as a picture: status %d", name, a.Status)
		}
	}
}

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		img.Set(x, x%height, color.RGBA{R: uint8(x), A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPictures(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	picture := append(pngOf(t, 800, 600), "<script>alert(1)</script>"...)
	location, file := offer(t, guest, id, "shot.png", "image/png", len(picture))
	preview := func(c *servertest.Client, b []byte) int {
		return c.Do(t, c.Request(t, http.MethodPut, filePath(id, file)+"/preview", "image/png", b)).Status
	}
	if got := agent.Get(t, filePath(id, file)+"/preview").Status; got != http.StatusGone {
		t.Errorf("no preview yet: status %d", got)
	}
	if got := preview(guest, []byte("<svg/>")); got != http.StatusUnprocessableEntity {
		t.Errorf("a preview that is no picture: status %d", got)
	}
	if got := preview(agent, pngOf(t, 32, 24)); got != http.StatusForbidden {
		t.Errorf("a preview by another: status %d", got)
	}
	if got := preview(guest, append(pngOf(t, 32, 24), "<script>"...)); got != http.StatusNoContent {
		t.Errorf("a preview: status %d", got)
	}
	if got := preview(guest, pngOf(t, 32, 24)); got != http.StatusConflict {
		t.Errorf("a second preview: status %d", got)
	}
	early := agent.Get(t, filePath(id, file)+"/preview")
	if early.Status != http.StatusOK || early.Header.Get("Content-Type") != "image/png" || bytes.Contains(early.Body, []byte("script")) {
		t.Errorf("the preview before the file: status %d, %s", early.Status, early.Header.Get("Content-Type"))
	}
	if a, err := guest.SendBytes(t, location, 0, bytes.NewReader(picture)); err != nil || a.Status != http.StatusNoContent {
		t.Fatalf("send: %v, %d", err, a.Status)
	}
	if m := settled(t, agent, id, file); m.Width != 800 || m.Height != 600 {
		t.Errorf("it became %+v", m)
	}
	full := agent.Get(t, filePath(id, file)+"/picture")
	if img, err := png.Decode(bytes.NewReader(full.Body)); err != nil || img.Bounds().Dx() != 800 || bytes.Contains(full.Body, []byte("script")) {
		t.Errorf("the picture: status %d, %v", full.Status, err)
	}
	small := agent.Get(t, filePath(id, file)+"/preview")
	if img, err := png.Decode(bytes.NewReader(small.Body)); err != nil || img.Bounds().Dx() != 320 {
		t.Errorf("the preview of the file: status %d, %v", small.Status, err)
	}
	if a := agent.Get(t, filePath(id, file)); !bytes.Equal(a.Body, picture) {
		t.Error("the file itself was changed")
	}
}

// TestFileRefusals: nothing of these is stored.
func TestFileRefusals(t *testing.T) {
	s := servertest.Start(t, func(c *node.Config) {
		c.Files.Rules = deskside.FileRules{MostEach: 1000, MostSession: 1500, Deny: []string{".exe", "application/zip"}, NoAgents: true}
	})
	agent, guest, id := active(t, s)
	refused := func(who *servertest.Client, name string, size int64, want deskside.Code) {
		t.Helper()
		if a := who.Offer(t, id, name, "", size, deskside.NewID()); a.Code() != want {
			t.Errorf("%s with %d bytes: status %d %s, want %s", name, size, a.Status, a.Body, want)
		}
	}
	refused(guest, "a", 1001, deskside.CodeFileTooLarge)
	refused(guest, "a.EXE", 10, deskside.CodeFileType)
	refused(agent, "a", 10, deskside.CodeFilesOff)
	var limits struct {
		MostEach int64
		Used     int64
		Off      bool
		Deny     []string
	}
	agent.Get(t, "/api/sessions/"+string(id)+"/uploads").Decode(t, &limits)
	if limits.MostEach != 1000 || !limits.Off || len(limits.Deny) != 2 {
		t.Errorf("limits %+v", limits)
	}
	if _, m := send(t, guest, id, "holiday.txt", "text/plain", append([]byte("PK\x03\x04"), content(100)...)); m.State != deskside.FileRefused || m.Why != deskside.FileForbidden {
		t.Errorf("a ZIP by another name became %+v", m)
	}
	location, file := offer(t, guest, id, "a", "", 1000)
	refused(guest, "b", 501, deskside.CodeFilesTooMany)

	for name, test := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"another version":   {func(r *http.Request) { r.Header.Set("Tus-Resumable", "0.2.2") }, http.StatusPreconditionFailed},
		"no version":        {func(r *http.Request) { r.Header.Del("Tus-Resumable") }, http.StatusPreconditionFailed},
		"another type":      {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType},
		"no offset":         {func(r *http.Request) { r.Header.Del("Upload-Offset") }, http.StatusUnprocessableEntity},
		"a negative offset": {func(r *http.Request) { r.Header.Set("Upload-Offset", "-1") }, http.StatusUnprocessableEntity},
		"a gap":             {func(r *http.Request) { r.Header.Set("Upload-Offset", "5") }, http.StatusConflict},
		"beyond the end":    {func(r *http.Request) { r.Header.Set("Upload-Offset", "1001") }, http.StatusConflict},
		"another's site":    {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
	} {
		r := guest.Request(t, http.MethodPatch, location, "application/offset+octet-stream", []byte("hello"))
		r.Header.Set("Tus-Resumable", "1.0.0")
		r.Header.Set("Upload-Offset", "0")
		test.change(r)
		if a := guest.Do(t, r); a.Status != test.want {
			t.Errorf("%s: status %d, want %d: %s", name, a.Status, test.want, a.Body)
		}
	}
	if got := guest.UploadOffset(t, location); got != 0 {
		t.Errorf("after all refusals there are %d bytes", got)
	}
	if a := agent.Tus(t, http.MethodHead, location); a.Status != http.StatusForbidden {
		t.Errorf("another's upload: status %d", a.Status)
	}
	more := content(1500)
	if _, err := guest.SendBytes(t, location, 0, bytes.NewReader(more)); err != nil {
		t.Logf("more than the file has: %v", err) // the connection may end first
	}
	if m := settled(t, guest, id, file); m.SHA256 != hexSum(more[:1000]) {
		t.Errorf("more than the file has: %+v", m)
	}
}

func TestOfferIsRepeated(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	first := guest.Offer(t, id, "a/b:c.txt", "text/plain", 10, "one")
	again := guest.Offer(t, id, "a/b:c.txt", "text/plain", 10, "one")
	if first.Status != http.StatusCreated || again.Status != http.StatusCreated || first.Header.Get("Location") != again.Header.Get("Location") {
		t.Errorf("%d %s, then %d %s", first.Status, first.Header.Get("Location"), again.Status, again.Header.Get("Location"))
	}
	if a := guest.Offer(t, id, "other.txt", "text/plain", 10, "one"); a.Code() != deskside.CodeIDReused {
		t.Errorf("the id for another file: %d %s", a.Status, a.Body)
	}
	if n := len(guest.Files(t, id)); n != 1 {
		t.Errorf("%d files", n)
	}
}

// slow gives bytes until it is told to break off.
type slow struct {
	b    []byte
	stop chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.b) == 0 {
		<-s.stop
		return 0, errors.New("the network is gone")
	}
	n := copy(p, s.b)
	s.b = s.b[n:]
	return n, nil
}

func TestCancel(t *testing.T) {
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	for _, by := range []*servertest.Client{agent, guest} {
		location, file := offer(t, guest, id, "large.bin", "", 1<<20)
		stop := make(chan struct{})
		ended := make(chan servertest.Answer, 1)
		go func() {
			a, _ := guest.SendBytes(t, location, 0, &slow{content(1000), stop}) // its end is what counts
			ended <- a
		}()
		servertest.Eventually(t, "bytes come", func() bool { return s.Node != nil && len(agent.Files(t, id)) > 0 })
		if a := by.Tus(t, http.MethodDelete, location); a.Status != http.StatusNoContent {
			t.Errorf("cancel: status %d: %s", a.Status, a.Body)
		}
		close(stop)
		<-ended
		if m := agent.Files(t, id)[file]; m.State != deskside.FileCancelled {
			t.Errorf("it became %+v", m)
		}
		for _, method := range []string{http.MethodHead, http.MethodDelete} {
			if a := guest.Tus(t, method, location); a.Status != http.StatusGone && a.Status != http.StatusNoContent && a.Status != http.StatusConflict {
				t.Errorf("%s afterwards: status %d", method, a.Status)
			}
		}
		if a, err := guest.SendBytes(t, location, 0, strings.NewReader("x")); err != nil || a.Status != http.StatusGone {
			t.Errorf("bytes afterwards: %v, status %d", err, a.Status)
		}
		if a := agent.Get(t, filePath(id, file)); a.Status != http.StatusGone {
			t.Errorf("download: status %d", a.Status)
		}
	}
}

// TestUploadsAtOnce: nobody fills the server's memory with uploads that hang.
func TestUploadsAtOnce(t *testing.T) {
	servertest.OneNode(t)
	s := servertest.Start(t)
	agent, guest, id := active(t, s)
	stop := make(chan struct{})
	var hanging sync.WaitGroup
	for range 64 + 4 { // the other tries below take a place now and then
		location, _ := offer(t, guest, id, "x.bin", "", 10)
		hanging.Go(func() { _, _ = guest.SendBytes(t, location, 0, &slow{[]byte("x"), stop}) })
	}
	location, _ := offer(t, guest, id, "one too many.bin", "", 1)
	servertest.Eventually(t, "one is refused", func() bool {
		a, err := guest.SendBytes(t, location, 0, strings.NewReader(""))
		return err == nil && a.Code() == deskside.CodeTooMany
	})
	if file, m := send(t, agent, id, "y.bin", "", []byte("y")); m.State != deskside.FileArrived {
		t.Errorf("the other side's file %s: %+v", file, m)
	}
	close(stop)
	hanging.Wait()
	servertest.Eventually(t, "it is taken", func() bool {
		a, err := guest.SendBytes(t, location, 0, strings.NewReader("x"))
		return err == nil && a.Status == http.StatusNoContent
	})
}

// TestUploadInAnyPieces sends files in random pieces over connections that
// break anywhere, or hang, and now and then at a wrong place. What arrives is
// what was sent.
func TestUploadInAnyPieces(t *testing.T) {
	s := servertest.Start(t)
	_, guest, id := active(t, s)
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			want := content(1 + random.IntN(3<<20))
			location, file := offer(t, guest, id, "x.bin", "", len(want))
			sent := sendInPieces(t, guest, location, want, random)
			if m := settled(t, guest, id, file); m.SHA256 != hexSum(want) {
				t.Errorf("%d bytes arrived as %+v", len(want), m)
			}
			t.Logf("%d bytes in %d calls", len(want), sent)
		})
	}
}

func sendInPieces(t *testing.T, c *servertest.Client, location string, want []byte, random *rand.Rand) (calls int) {
	t.Helper()
	for {
		offset := int(c.UploadOffset(t, location))
		if offset == len(want) {
			return calls
		}
		calls++
		piece := want[offset:min(len(want), offset+1+random.IntN(1<<20))]
		switch stop := make(chan struct{}); random.IntN(5) {
		case 0: // breaks off
			close(stop)
			_, _ = c.SendBytes(t, location, int64(offset), &slow{piece, stop})
		case 1: // hangs while the next one begins
			go c.SendBytes(t, location, int64(offset), &slow{piece, stop})
			t.Cleanup(func() { close(stop) })
		case 2: // at a wrong place
			if a, err := c.SendBytes(t, location, int64(offset)+1, bytes.NewReader(piece)); err == nil && a.Status != http.StatusConflict {
				t.Errorf("a wrong place: status %d", a.Status)
			}
		default:
			if a, err := c.SendBytes(t, location, int64(offset), bytes.NewReader(piece)); err == nil && a.Status != http.StatusNoContent && a.Status != http.StatusConflict {
				t.Errorf("a piece: status %d: %s", a.Status, a.Body)
			}
		}
	}
}

// TestStopKeepsWhatCame: a server that stops does not wait for the rest of a
// file, and the next one goes on with what had come.
func TestStopKeepsWhatCame(t *testing.T) {
	data, want := t.TempDir(), content(5000)
	config := func(c *node.Config) { c.Data = data }
	var guest *servertest.Client
	var location string
	var id deskside.SessionID
	stop := make(chan struct{})
	defer close(stop)
	var began time.Time
	t.Run("stopped", func(t *testing.T) {
		s := servertest.Start(t, config)
		_, guest, id = active(t, s)
		location, _ = offer(t, guest, id, "x.bin", "", len(want))
		arrived := &slow{want[:2000], stop}
		go func() { _, _ = guest.SendBytes(t, location, 0, arrived) }()
		time.Sleep(200 * time.Millisecond) // for the bytes to be read; fewer are right too
		began = time.Now()
	})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to stop", took)
	}
	guest.Server = servertest.Start(t, config)
	offset := guest.UploadOffset(t, location)
	if offset > 2000 {
		t.Errorf("there are %d bytes", offset)
	}
	if a, err := guest.SendBytes(t, location, offset, bytes.NewReader(want[offset:])); err != nil || a.Status != http.StatusNoContent {
		t.Fatalf("the rest: %v, status %d", err, a.Status)
	}
	for _, moved := range guest.Files(t, id) {
		if m := settled(t, guest, id, moved.File); m.SHA256 != hexSum(want) {
			t.Errorf("it became %+v", m)
		}
	}
}

// TestFilesGo: what is not finished within a day is given up, and what has
// arrived goes with its retention; the log keeps their names.
func TestFilesGo(t *testing.T) {
	data := t.TempDir()
	s := servertest.Start(t, func(c *node.Config) { c.Data, c.KeepFiles, c.IdleEnd = data, 7*24*time.Hour, 60*24*time.Hour })
	agent, guest, id := active(t, s)
	want := content(5000)
	whole, _ := send(t, guest, id, "whole.bin", "", want)
	twice, _ := send(t, agent, id, "the same again.bin", "", want)
	location, half := offer(t, guest, id, "half.bin", "", len(want))
	if _, err := guest.SendBytes(t, location, 0, bytes.NewReader(want[:2000])); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(25 * time.Hour)
	servertest.Eventually(t, "the half file is given up", func() bool { return agent.Files(t, id)[half].State == deskside.FileExpired })
	if a := guest.Tus(t, http.MethodHead, location); a.Status != http.StatusGone {
		t.Errorf("what was given up: status %d", a.Status)
	}
	agent.Ask(t, id, map[string]any{"type": "end"})
	if a := guest.Get(t, filePath(id, whole)); a.Status != http.StatusOK {
		t.Errorf("after the end: status %d", a.Status)
	}
	s.Clock.Advance(8 * 24 * time.Hour)
	servertest.Eventually(t, "the files are removed", func() bool {
		files := guest.Files(t, id)
		return files[whole].State == deskside.FileRemoved && files[twice].State == deskside.FileRemoved
	})
	servertest.Eventually(t, "no byte of them is left", func() bool { return len(filesIn(t, data+"/files")) == 0 })
	if a := guest.Get(t, filePath(id, whole)); a.Status != http.StatusGone {
		t.Errorf("after its time: status %d", a.Status)
	}
}

// TestOneOfTwoEqualFiles: removing one of two files with the same bytes
// leaves the other.
func TestOneOfTwoEqualFiles(t *testing.T) {
	data := t.TempDir()
	s := servertest.Start(t, func(c *node.Config) { c.Data, c.KeepFiles = data, 24*time.Hour })
	agent, guest, id := active(t, s)
	want := content(5000)
	first, _ := send(t, guest, id, "a.bin", "", want)
	agent.Ask(t, id, map[string]any{"type": "end"})
	other, card := agent.StartSession(t)
	guest.Join(t, card)
	second, _ := send(t, guest, other, "b.bin", "", want)
	s.Clock.Advance(25 * time.Hour)
	servertest.Eventually(t, "the first is removed", func() bool { return agent.Files(t, id)[first].State == deskside.FileRemoved })
	for range 50 {
		if a := guest.Get(t, filePath(other, second)); !bytes.Equal(a.Body, want) {
			t.Fatalf("the second: status %d, %d bytes", a.Status, len(a.Body))
		}
		time.Sleep(time.Millisecond)
	}
	if n := len(filesIn(t, data+"/files")); n != 1 {
		t.Errorf("%d files are left", n)
	}
}

// filesIn returns the files below a folder.
func filesIn(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, name)
		}
		return nil // what goes while we look is gone
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
