package desk_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"deskside"
	"deskside/internal/blob"
	"deskside/internal/desk"
)

// folder is where a room keeps files.
type folder struct{ *blob.Dir }

func openFolder(t *testing.T) folder {
	t.Helper()
	d, err := blob.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return folder{d}
}

func coded(err error) error {
	switch {
	case errors.Is(err, blob.ErrOffset), errors.Is(err, blob.ErrFinished):
		return deskside.Errorf(deskside.CodeFileOffset, "The file has another length: %w", err)
	case errors.Is(err, blob.ErrNotFound):
		return deskside.Errorf(deskside.CodeNotFound, "These bytes are not here: %w", err)
	}
	return err
}

func (f folder) Append(ctx context.Context, upload string, offset int64, r io.Reader) (int64, error) {
	n, err := f.Dir.Append(ctx, upload, offset, r)
	return n, coded(err)
}

func (f folder) Finish(ctx context.Context, upload string) ([]byte, error) {
	sum, err := f.Dir.Finish(ctx, upload)
	return sum[:], coded(err)
}

func (f folder) Open(ctx context.Context, sum []byte) (desk.Content, error) {
	c, err := f.Dir.Open(ctx, [32]byte(sum))
	return c, coded(err)
}

func (f folder) Remove(ctx context.Context, sum []byte) error {
	return f.Dir.Remove(ctx, [32]byte(sum))
}

// file returns what the log says of a file.
func (r room) file(t *testing.T, id deskside.FileID) (f deskside.File) {
	t.Helper()
	err := r.store.View(t.Context(), r.session, func(s *deskside.Session) error {
		f = *s.File(id)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (r room) attach(t *testing.T, size int64) deskside.FileID {
	t.Helper()
	id, err := r.here.Attach(t.Context(), r.agent, r.session, deskside.NewID(), deskside.Attached{Name: "x.bin", Size: size})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A readerFunc reads by itself.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// TestWhoComesTooLate: who waits for another connection that brings the whole
// file after all neither adds to it nor removes it, on the same node and on
// another.
func TestWhoComesTooLate(t *testing.T) {
	files := openFolder(t)
	r := newRoom(t, func(b desk.Bus) desk.Bus { return b }, func(o *desk.Options) { o.Files = desk.FileOptions{Blobs: files, Rules: roomy, KeepFor: time.Hour} })
	const want = "all that was sent"
	sum := sha256.Sum256([]byte(want))
	for name, late := range map[string]*desk.Desk{"the same node": r.here, "another node": r.there} {
		for _, at := range []int64{0, 1, int64(len(want)) - 1} {
			id := r.attach(t, int64(len(want)))
			begun, asked, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			bytes := strings.NewReader(want)
			go func() {
				_, err := r.here.Upload(t.Context(), r.agent, r.session, id, 0, readerFunc(func(b []byte) (int, error) {
					if bytes.Len() == len(want) {
						close(begun)
						<-asked // the other one waits by now
					}
					return bytes.Read(b)
				}), sync.OnceFunc(func() { close(asked) }))
				ended <- err
			}()
			<-begun
			_, err := late.Upload(t.Context(), r.agent, r.session, id, at, strings.NewReader("something else"), func() {})
			if deskside.CodeOf(err) != deskside.CodeTooLate {
				t.Errorf("%s, from byte %d: %v", name, at, err)
			}
			if err := <-ended; err != nil {
				t.Errorf("%s: the file: %v", name, err)
			}
			if f := r.settled(t, id); f.State != deskside.FileArrived || f.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("%s, from byte %d: it became %+v", name, at, f)
			}
		}
	}
}

// TestLostBytesAreNoFile: a file whose bytes somebody removed never arrives as
// another one.
func TestLostBytesAreNoFile(t *testing.T) {
	files := openFolder(t)
	r := newRoom(t, func(b desk.Bus) desk.Bus { return b }, func(o *desk.Options) {
		o.Files = desk.FileOptions{Blobs: forgetful{files}, Rules: roomy, KeepFor: time.Hour}
	})
	lost := r.attach(t, 4)
	if _, err := r.here.Upload(t.Context(), r.agent, r.session, lost, 0, strings.NewReader("lost"), func() {}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.ahead.Add(int64(time.Hour / 4))
		empty := r.attach(t, 0) // the desk has looked by the time that this is there
		if f := r.settled(t, empty); f.State != deskside.FileArrived {
			t.Fatalf("an empty file became %+v", f)
		}
		if f := r.file(t, lost); f.State != deskside.FileChecking {
			t.Fatalf("it became %+v", f)
		}
	}
}

// TestAllOldFilesAreRemoved: however many files are kept no longer, one sweep
// removes them.
func TestAllOldFilesAreRemoved(t *testing.T) {
	files := openFolder(t)
	r := newRoom(t, func(b desk.Bus) desk.Bus { return b }, func(o *desk.Options) {
		o.Files = desk.FileOptions{Blobs: files, Rules: roomy, KeepFor: time.Minute}
	})
	var wg sync.WaitGroup
	for i := range 500 {
		wg.Go(func() {
			sum := sha256.Sum256(fmt.Append(nil, i))
			f := deskside.StoredFile{Session: r.session, File: deskside.FileID(fmt.Sprint(i)), Content: sum[:]}
			_, err := r.store.Update(t.Context(), r.session, func(*deskside.Session) (deskside.Change, error) {
				return deskside.Change{File: &f}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := r.here.End(t.Context(), r.agent, r.session, "e"); err != nil {
		t.Fatal(err)
	}
	r.ahead.Store(int64(15 * time.Minute))
	eventually(t, "all files are removed", func() bool {
		left, err := r.store.OldFiles(t.Context(), time.Now().Add(time.Hour), 1)
		return err == nil && len(left) == 0
	})
}

// forgetful loses what was uploaded.
type forgetful struct{ folder }

func (f forgetful) Finish(ctx context.Context, upload string) ([]byte, error) {
	if n, err := f.Length(ctx, upload); err == nil && n > 0 {
		if err := f.Abort(ctx, upload); err != nil {
			return nil, err
		}
	}
	return f.folder.Finish(ctx, upload)
}

var roomy = deskside.FileRules{MostEach: 1 << 20, MostSession: 1 << 30}

// settled waits until a file is not on its way any more.
func (r room) settled(t *testing.T, id deskside.FileID) (f deskside.File) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if f = r.file(t, id); f.State != deskside.FileOffered && f.State != deskside.FileChecking {
			return f
		}
	}
	t.Fatalf("it stays %+v", f)
	return f
}
