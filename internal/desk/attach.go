package desk

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"deskside"
)

// FileOptions are what the desk needs for files. Without Blobs none can be
// sent.
type FileOptions struct {
	Blobs    Blobs
	Scanner  Scanner  // nil for none
	Pictures Pictures // nil where none are shown
	Rules    deskside.FileRules
	KeepFor  time.Duration // files are erased this long after their session's end
}

// MaxPreview bounds a preview as its sender makes it, in bytes.
const MaxPreview = 64 << 10

// FileLimits are what somebody should know before they send a file.
type FileLimits struct {
	MostEach    int64    `json:"mostEach"`    // bytes
	MostSession int64    `json:"mostSession"` // bytes, of all files of the session
	Used        int64    `json:"used"`        // bytes that the session's files have
	Allow       []string `json:"allow"`       // media types or endings like ".pdf"; empty for all
	Deny        []string `json:"deny"`
	Off         bool     `json:"off"` // this side may not send files
}

// FileLimits returns what holds for somebody in a session.
func (d *Desk) FileLimits(ctx context.Context, who deskside.Actor, session deskside.SessionID) (l FileLimits, err error) {
	r := d.opt.Files.Rules
	err = d.viewInside(ctx, who, session, func(s *deskside.Session) {
		l = FileLimits{r.MostEach, r.MostSession, s.FileBytes(), append([]string{}, r.Allow...), append([]string{}, r.Deny...), !r.MaySend(who.Role)}
	})
	return l, err
}

// Attach offers a file, whose bytes are to come by Upload. Repeated with the
// same request id, it is the same file.
func (d *Desk) Attach(ctx context.Context, who deskside.Actor, session deskside.SessionID, id string, a deskside.Attached) (deskside.FileID, error) {
	if d.opt.Files.Blobs == nil {
		return "", deskside.Errorf(deskside.CodeFilesOff, "Files can't be sent here.")
	}
	a.File = deskside.FileID(deskside.NewID())
	stored := &deskside.StoredFile{File: a.File, Session: session, Due: d.now().Add(deskside.UploadLife)}
	event, err := d.actWith(ctx, order{who, session, id, &a, func(s *deskside.Session, now time.Time) (deskside.Body, error) {
		return s.Attach(who.ID, a, d.opt.Files.Rules, now)
	}}, deskside.Change{File: stored})
	if err != nil {
		return "", err
	}
	file := event.Body.(*deskside.Attached)
	if file.Size == 0 {
		err = d.whole(ctx, session, file.File)
	}
	return file.File, err
}

// Uploaded returns how many bytes of a file are on stable storage, and how
// many it has. CodeFileGone where it was cancelled, refused or not finished in
// time.
func (d *Desk) Uploaded(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID) (offset, size int64, err error) {
	f, err := d.ownFile(ctx, who, session, id)
	if err != nil {
		return 0, 0, err
	}
	if f.State != deskside.FileOffered {
		return f.Size, f.Size, nil
	}
	offset, err = d.opt.Files.Blobs.Length(ctx, string(id))
	if err == nil && offset == f.Size { // whoever was to say so was killed
		err = d.whole(ctx, session, id)
	}
	return offset, f.Size, err
}

// ownFile returns a file of somebody's own that is on its way or here.
func (d *Desk) ownFile(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID) (f deskside.File, err error) {
	refusal := error(deskside.Errorf(deskside.CodeNotFound, "There is no such file."))
	err = d.viewInside(ctx, who, session, func(s *deskside.Session) {
		found := s.File(id)
		if found == nil {
			return
		}
		f = *found
		switch refusal = nil; {
		case f.By != who.ID:
			refusal = deskside.Errorf(deskside.CodeForbidden, "Only who offered a file can send it.")
		case f.State != deskside.FileOffered && f.State != deskside.FileChecking && f.State != deskside.FileArrived:
			refusal = deskside.Errorf(deskside.CodeFileGone, "This file is not on its way any more.")
		}
	})
	if err == nil {
		err = refusal
	}
	return f, err
}

// Upload adds what r gives to a file of which offset bytes are here, and
// returns how many are then; also where it fails. It ends early once the file
// is not wanted any more.
func (d *Desk) Upload(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID, offset int64, r io.Reader, cut func()) (int64, error) {
	if _, err := d.mayUpload(ctx, who, session, id); err != nil {
		return offset, err // before anybody else has to let go
	}
	hold, err := d.holdUpload(ctx, session, id, cut)
	if err != nil {
		return offset, err
	}
	defer hold.release(ctx)
	size, err := d.mayUpload(ctx, who, session, id) // again: who held it may have brought the rest
	if err != nil {
		return offset, err
	}
	if offset > size {
		return offset, deskside.Errorf(deskside.CodeFileOffset, "The file has %d bytes.", size)
	}
	watched := &watchedUpload{
		r: hold.reader(ctx, io.LimitReader(r, size-offset)), at: offset, now: d.now, looked: d.now(),
		look: func(at int64) error {
			_, err := d.mayUpload(ctx, who, session, id)
			if err == nil {
				err = hold.renew(ctx)
			}
			if err == nil {
				d.progress(ctx, who, session, id, at)
			}
			return err
		},
	}
	n, err := d.opt.Files.Blobs.Append(ctx, string(id), offset, watched)
	offset += n
	after := context.WithoutCancel(ctx) // the bytes are here, though their sender may be gone
	if err == nil && offset == size {
		err = d.whole(after, session, id)
	}
	if _, gone := d.ownFile(after, who, session, id); deskside.CodeOf(gone) == deskside.CodeFileGone {
		if offset < size {
			err = gone
		}
		// What was here when it was cancelled is removed; this may have come later.
		return offset, errors.Join(err, d.opt.Files.Blobs.Abort(after, string(id)))
	}
	d.progress(after, who, session, id, offset)
	return offset, err
}

// mayUpload returns the size of a file that somebody may send.
func (d *Desk) mayUpload(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID) (size int64, err error) {
	var refusal error
	err = d.viewInside(ctx, who, session, func(s *deskside.Session) {
		if refusal = s.MayUpload(who.ID, id, d.now()); refusal == nil {
			size = s.File(id).Size
		}
	})
	if err == nil {
		err = refusal
	}
	return size, err
}

// progress tells the others how far a file is.
func (d *Desk) progress(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID, at int64) {
	_ = d.view(ctx, who, session, func(s *deskside.Session) { // a signal may be lost
		d.signal(session, s.Agent, deskside.Signal{Kind: deskside.SignalProgress, By: who.ID, File: id, Bytes: at})
	})
}

// lookEvery is how often an upload is looked at while its bytes come.
const lookEvery = time.Second

// A watchedUpload calls look while it is read.
type watchedUpload struct {
	r      io.Reader
	at     int64
	now    func() time.Time
	looked time.Time
	look   func(at int64) error
}

func (w *watchedUpload) Read(b []byte) (int, error) {
	if now := w.now(); now.Sub(w.looked) >= lookEvery {
		w.looked = now
		if err := w.look(w.at); err != nil {
			return 0, err
		}
	}
	n, err := w.r.Read(b)
	w.at += int64(n)
	return n, err
}

// whole says that all bytes of a file are here.
func (d *Desk) whole(ctx context.Context, session deskside.SessionID, id deskside.FileID) error {
	stored, err := d.store.File(ctx, id)
	if err != nil {
		return err
	}
	stored.Due = d.now()
	_, err = d.update(ctx, session, func(s *deskside.Session) (deskside.Change, error) {
		moved := s.MoveFile(deskside.FileMoved{File: id, State: deskside.FileChecking})
		if moved == nil {
			return deskside.Change{}, nil
		}
		return d.moves(moved, stored), nil
	})
	d.keeper.wake()
	return err
}

// moves is a change of a file, in the log and beside it.
func (d *Desk) moves(body deskside.Body, f deskside.StoredFile) deskside.Change {
	return deskside.Change{Events: []deskside.Event{{Body: body}}, File: &f}
}

// CancelFile takes a file back that is still on its way. Either side may.
func (d *Desk) CancelFile(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID) error {
	want := &deskside.FileMoved{File: id, State: deskside.FileCancelled}
	_, err := d.actWith(ctx, order{who, session, "cancel " + string(id), want, func(s *deskside.Session, now time.Time) (deskside.Body, error) {
		return s.CancelFile(who.ID, id, now)
	}}, deskside.Change{File: &deskside.StoredFile{File: id, Gone: true}})
	if err == nil {
		d.keeper.wake()
	}
	return err
}

// Preview stores a small picture of a file, as its sender made it: what is
// shown is decoded and encoded anew.
func (d *Desk) Preview(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID, picture []byte) error {
	if _, err := d.mayUpload(ctx, who, session, id); err != nil {
		return err
	}
	if len(picture) > MaxPreview || d.opt.Files.Pictures == nil {
		return deskside.Errorf(deskside.CodeTooLarge, "A preview has at most %d bytes.", MaxPreview)
	}
	shown, err := d.opt.Files.Pictures(ctx, bytes.NewReader(picture))
	if err != nil {
		return err
	}
	stored, err := d.store.File(ctx, id)
	if err != nil {
		return err
	}
	if stored.Preview, err = d.content(ctx, id, "preview", shown.Preview); err != nil {
		return err
	}
	_, err = d.update(ctx, session, func(s *deskside.Session) (deskside.Change, error) {
		body, err := s.Preview(who.ID, id, d.now())
		if err != nil {
			return deskside.Change{}, err
		}
		c := d.moves(body, stored)
		c.Events[0].By = who.ID
		return c, nil
	})
	return err
}

// A Part says what of a file is wanted.
type Part string

// The parts.
const (
	WholeFile   Part = "file"    // as it was sent
	FilePicture Part = "picture" // what is safe to show of it
	FilePreview Part = "preview" // likewise, small
)

// OpenFile returns a file and its content, for who takes part in the session.
func (d *Desk) OpenFile(ctx context.Context, who deskside.Actor, session deskside.SessionID, id deskside.FileID, part Part) (f deskside.File, c Content, err error) {
	refusal := error(deskside.Errorf(deskside.CodeNotFound, "There is no such file."))
	err = d.viewInside(ctx, who, session, func(s *deskside.Session) {
		if found := s.File(id); found != nil {
			f, refusal = *found, here(found, part)
		}
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return f, nil, err
	}
	stored, err := d.store.File(ctx, id)
	if err != nil {
		return f, nil, err
	}
	sum := map[Part][]byte{WholeFile: stored.Content, FilePicture: stored.Picture, FilePreview: stored.Preview}[part]
	if sum == nil {
		return f, nil, deskside.Errorf(deskside.CodeNotFound, "There is nothing to show of this file.")
	}
	c, err = d.opt.Files.Blobs.Open(ctx, sum)
	return f, c, err
}

// here says whether a part of a file can be handed out.
func here(f *deskside.File, part Part) error {
	onItsWay := f.State == deskside.FileOffered || f.State == deskside.FileChecking
	if f.State == deskside.FileArrived || part == FilePreview && f.Preview && onItsWay {
		return nil
	}
	return deskside.Errorf(deskside.CodeFileGone, "This file is not here yet, or not any more.")
}

// hexSum writes a SHA-256 as the log does.
func hexSum(sum []byte) string { return hex.EncodeToString(sum) }
