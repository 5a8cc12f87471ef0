package web

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"deskside"
)

// The resumable upload protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload)
// with the extensions creation, expiration and termination.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,expiration,termination"
	tusContent    = "application/offset+octet-stream"
)

// uploadsAtOnce is how many requests of one participant may bring bytes to
// this node at the same time. Each needs half a megabyte.
const uploadsAtOnce = 64

// stall is how long somebody may neither send nor take a byte of a file.
const stall = time.Minute

// tus says that the answer follows the protocol, and refuses a request that
// does not.
func tus(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Tus-Resumable", tusVersion)
	w.Header().Set("Cache-Control", "no-store")
	if r.Header.Get("Tus-Resumable") != tusVersion {
		w.Header().Set("Tus-Version", tusVersion)
		return deskside.Errorf(deskside.CodeTusVersion, "This server speaks tus %s.", tusVersion)
	}
	return nil
}

// uploadOptions says what of tus the server knows.
func (s *Server) uploadOptions(w http.ResponseWriter, r *http.Request) error {
	limits, err := s.Desk.FileLimits(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Max-Size", strconv.FormatInt(limits.MostEach, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// fileLimits says what holds for files, before any is sent.
func (s *Server) fileLimits(w http.ResponseWriter, r *http.Request) error {
	limits, err := s.Desk.FileLimits(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return err
	}
	return writeJSON(w, limits)
}

// createUpload offers a file. Its metadata are the name (filename), the media
// type (filetype), the request's id (id), and whether it is a snapshot.
func (s *Server) createUpload(w http.ResponseWriter, r *http.Request) error {
	if err := tus(w, r); err != nil {
		return err
	}
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		return deskside.Errorf(deskside.CodeInvalid, "Upload-Length is no number of bytes.")
	}
	about, err := uploadMetadata(r.Header.Get("Upload-Metadata"))
	if err != nil {
		return err
	}
	if len(about["id"]) > deskside.MaxRequestID {
		return deskside.Errorf(deskside.CodeInvalid, "A request id has at most %d bytes.", deskside.MaxRequestID)
	}
	file, err := s.Desk.Attach(r.Context(), by(r), sessionOf(r), about["id"],
		deskside.Attached{Name: about["filename"], Size: size, MediaType: about["filetype"], Snapshot: about["snapshot"] == "true"})
	if err != nil {
		return err
	}
	at := r.URL.Path + "/" + string(file)
	if as := r.URL.Query().Get("as"); as == string(deskside.RoleEndUser) {
		at += "?as=" + as
	}
	w.Header().Set("Location", at)
	w.Header().Set("Upload-Expires", time.Now().Add(deskside.UploadLife).UTC().Format(http.TimeFormat))
	w.WriteHeader(http.StatusCreated)
	return nil
}

// uploadMetadata reads pairs of a key and a value in base64, between commas.
func uploadMetadata(header string) (map[string]string, error) {
	about := make(map[string]string)
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, deskside.Errorf(deskside.CodeInvalid, "Upload-Metadata has a value that is not base64.")
		}
		about[key] = string(value)
	}
	return about, nil
}

func fileOf(r *http.Request) deskside.FileID { return deskside.FileID(r.PathValue("file")) }

// uploadState says how many bytes of a file are here.
func (s *Server) uploadState(w http.ResponseWriter, r *http.Request) error {
	if err := tus(w, r); err != nil {
		return err
	}
	offset, size, err := s.Desk.Uploaded(r.Context(), by(r), sessionOf(r), fileOf(r))
	if err != nil {
		return err
	}
	s.uploads.cut(fileOf(r)) // who asks goes on from here, in another connection
	if err := s.Desk.FreeUpload(r.Context(), sessionOf(r), fileOf(r)); err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(offset, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(size, 10))
	w.WriteHeader(http.StatusOK)
	return nil
}

// upload takes the next bytes of a file.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	if err := tus(w, r); err != nil {
		return err
	}
	if r.Header.Get("Content-Type") != tusContent {
		return deskside.Errorf(deskside.CodeMediaType, "The bytes of a file come as %s.", tusContent)
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return deskside.Errorf(deskside.CodeInvalid, "Upload-Offset is no number of bytes.")
	}
	if _, _, err := s.Desk.Uploaded(r.Context(), by(r), sessionOf(r), fileOf(r)); err != nil {
		return err // before anybody else is cut off
	}
	at, err := s.take(w, r, offset)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(at, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// take reads the bytes that a request brings.
func (s *Server) take(w http.ResponseWriter, r *http.Request, offset int64) (at int64, err error) {
	body := &uploading{
		body: &patientBody{r: r.Body, rc: http.NewResponseController(w)},
		by:   string(sessionOf(r)) + " " + string(by(r).ID), done: make(chan struct{}),
	}
	if err := s.uploads.begin(fileOf(r), body); err != nil {
		return 0, err
	}
	defer func() {
		cut := s.uploads.end(fileOf(r))
		if cut {
			w.Header().Set("Connection", "close") // its deadline has passed
		}
		if err != nil && (cut || body.body.err != nil) {
			err = deskside.Errorf(deskside.CodeFileOffset, "The bytes broke off. What has come is kept.")
		}
	}()
	return s.Desk.Upload(r.Context(), by(r), sessionOf(r), fileOf(r), offset, body, body.cut)
}

// cancelUpload takes a file back.
func (s *Server) cancelUpload(w http.ResponseWriter, r *http.Request) error {
	if err := tus(w, r); err != nil {
		return err
	}
	if err := s.Desk.CancelFile(r.Context(), by(r), sessionOf(r), fileOf(r)); err != nil {
		return err
	}
	s.uploads.cut(fileOf(r))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// A patientBody lets a request and its answer take any time, as long as bytes
// come.
type patientBody struct {
	r     io.Reader
	rc    *http.ResponseController
	since time.Time // of the deadlines
	err   error     // why it broke off
}

func (p *patientBody) Read(b []byte) (int, error) {
	if now := time.Now(); now.Sub(p.since) > time.Second {
		p.since = now
		_ = p.rc.SetReadDeadline(now.Add(stall)) // every connection of a server has them
		_ = p.rc.SetWriteDeadline(now.Add(2 * stall))
	}
	n, err := p.r.Read(b)
	if err != io.EOF {
		p.err = err
	}
	return n, err
}

// uploads knows which requests bring bytes of files to this node, so that a
// connection that is dead can't hold up the one that goes on for it.
type uploads struct {
	mu      sync.Mutex // guards what follows
	at      map[deskside.FileID]*uploading
	stopped bool
}

type uploading struct {
	by   string // whose it is
	body *patientBody
	mu   sync.Mutex // guards over
	over bool       // the bytes are not read any more
	done chan struct{}
}

// begin cuts off who brings bytes of the file, and waits until they are gone:
// then it is next's turn. end has to be called.
func (u *uploads) begin(id deskside.FileID, next *uploading) error {
	for {
		before, err := u.enter(id, next)
		if before == nil || err != nil {
			return err
		}
		before.cut()
		<-before.done
	}
}

// enter makes it next's turn, unless it is somebody's or next's participant
// has too many.
func (u *uploads) enter(id deskside.FileID, next *uploading) (before *uploading, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stopped {
		return nil, deskside.Unavailable(errors.New("the server stops"))
	}
	if before := u.at[id]; before != nil {
		return before, nil
	}
	others := 0
	for _, other := range u.at {
		if other.by == next.by {
			others++
		}
	}
	if others >= uploadsAtOnce {
		return nil, deskside.Errorf(deskside.CodeTooMany, "%d files are on their way from here at once. Wait until one has arrived.", others)
	}
	u.at[id] = next
	return nil, nil
}

// end says that the request that has begun reads no more, and returns whether
// it was cut off.
func (u *uploads) end(id deskside.FileID) (cut bool) {
	u.mu.Lock()
	now := u.at[id]
	delete(u.at, id)
	u.mu.Unlock()
	return now.end()
}

// stop cuts off everybody: they go on with another node, or when the server is
// back.
func (u *uploads) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stopped = true
	for _, now := range u.at {
		now.cut()
	}
}

// cut ends a request that brings bytes of the file.
func (u *uploads) cut(id deskside.FileID) {
	u.mu.Lock()
	now := u.at[id]
	u.mu.Unlock()
	if now != nil {
		now.cut()
		<-now.done
	}
}

func (u *uploading) cut() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.over { // else the connection may serve another request already
		u.over = true
		_ = u.body.rc.SetReadDeadline(time.Now()) // every connection of a server has one
	}
}

// end returns whether it was cut off; from now on it can't be.
func (u *uploading) end() (cut bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	cut, u.over = u.over, true
	close(u.done)
	return cut
}

func (u *uploading) Read(b []byte) (int, error) {
	u.mu.Lock()
	over := u.over
	u.mu.Unlock()
	if over {
		return 0, io.ErrUnexpectedEOF
	}
	return u.body.Read(b)
}
