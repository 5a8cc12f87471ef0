package web

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"deskside/internal/desk"
)

// setPreview takes a small picture of a file that is on its way.
func (s *Server) setPreview(w http.ResponseWriter, r *http.Request) error {
	picture, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := s.Desk.Preview(r.Context(), by(r), sessionOf(r), fileOf(r), picture); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// download hands a file out, whole or in ranges (RFC 9110, section 14), so
// that no browser runs or shows it: whatever is in it, it is saved.
func (s *Server) download(w http.ResponseWriter, r *http.Request) error {
	f, content, err := s.Desk.OpenFile(r.Context(), by(r), sessionOf(r), fileOf(r), desk.WholeFile)
	if err != nil {
		return err
	}
	defer content.Close()
	kind, err := harmlessType(content)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(f.Name))
	h.Set("ETag", `"`+f.SHA256+`"`)
	h.Set("Repr-Digest", digest(f.SHA256))
	h.Set("Cache-Control", "private, no-cache")
	http.ServeContent(newPatientWriter(w), r, "", time.Time{}, content)
	return nil
}

// picture shows a file's picture, and preview a small one. Both are what this
// server encoded.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, desk.FilePicture)
}

func (s *Server) preview(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, desk.FilePreview)
}

func (s *Server) show(w http.ResponseWriter, r *http.Request, part desk.Part) error {
	_, content, err := s.Desk.OpenFile(r.Context(), by(r), sessionOf(r), fileOf(r), part)
	if err != nil {
		return err
	}
	defer content.Close()
	kind, err := harmlessType(content)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(newPatientWriter(w), r, "", time.Time{}, content)
	return nil
}

// harmlessType returns the media type of content as its first bytes tell
// (https://mimesniff.spec.whatwg.org), but none that a browser could run.
func harmlessType(content io.ReadSeeker) (string, error) {
	head, err := io.ReadAll(io.LimitReader(content, 512))
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	kind := http.DetectContentType(head)
	if strings.HasPrefix(kind, "text/") {
		return "text/plain; charset=utf-8", err
	}
	return kind, err
}

// digest writes a SHA-256 as a digest (RFC 9530).
func digest(sum string) string {
	b, err := hex.DecodeString(sum)
	if err != nil {
		return ""
	}
	return "sha-256=:" + base64.StdEncoding.EncodeToString(b) + ":"
}

// disposition says that an answer is to be saved under a name (RFC 6266). A
// name that is not plain ASCII comes twice: as RFC 8187 writes it, and spelt
// roughly for who does not know that.
func disposition(name string) string {
	var plain, encoded strings.Builder
	for _, r := range name {
		switch {
		case r < ' ' || r > '~' || strings.ContainsRune(`"\%;`, r):
			plain.WriteByte('_')
		default:
			plain.WriteRune(r)
		}
	}
	for _, b := range []byte(name) {
		if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0 {
			encoded.WriteByte(b)
		} else {
			fmt.Fprintf(&encoded, "%%%02X", b)
		}
	}
	if plain.String() == name {
		return `attachment; filename="` + name + `"`
	}
	return `attachment; filename="` + plain.String() + `"; filename*=UTF-8''` + encoded.String()
}

// A patientWriter lets an answer take any time, as long as somebody takes it.
// It keeps the way on which the kernel copies files by itself.
type patientWriter struct {
	http.ResponseWriter
	rc   *http.ResponseController
	fast io.ReaderFrom // of the connection; nil where it has none
}

func newPatientWriter(w http.ResponseWriter) *patientWriter {
	p := &patientWriter{ResponseWriter: w, rc: http.NewResponseController(w)}
	under := w
	for {
		if fast, ok := under.(io.ReaderFrom); ok {
			p.fast = fast
			return p
		}
		wrapped, ok := under.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return p
		}
		under = wrapped.Unwrap()
	}
}

// patientChunk is how many bytes somebody has to take within stall.
const patientChunk = 1 << 20

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.rc.SetWriteDeadline(time.Now().Add(stall)) // every connection of a server has one
	return p.ResponseWriter.Write(b)
}

// ReadFrom implements [io.ReaderFrom].
func (p *patientWriter) ReadFrom(src io.Reader) (n int64, err error) {
	limited, ok := src.(*io.LimitedReader)
	if !ok || p.fast == nil {
		return io.Copy(struct{ io.Writer }{p}, src)
	}
	for limited.N > 0 && err == nil {
		_ = p.rc.SetWriteDeadline(time.Now().Add(stall))
		chunk := io.LimitedReader{R: limited.R, N: min(limited.N, patientChunk)}
		var some int64
		some, err = p.fast.ReadFrom(&chunk)
		n += some
		limited.N -= some
		if some == 0 && err == nil {
			break
		}
	}
	return n, err
}

// sizeText writes a number of bytes as people read it.
func sizeText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	for ; value >= 999.5 && unit < 3; unit++ {
		value /= 1000
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, []string{"KB", "MB", "GB", "TB"}[unit])
	}
	return fmt.Sprintf("%.0f %s", value, []string{"KB", "MB", "GB", "TB"}[unit])
}
