package desk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"deskside"
)

const (
	// checkTimeout bounds what is done about one file at a time. Whoever is at
	// it says so all the time: after checkLease without that they are gone.
	checkTimeout = 12 * time.Minute
	checkLease   = 20 * time.Second
	// checksAtOnce is how many files a node looks after at the same time.
	checksAtOnce = 4
	// maxChecks is how often a scanner is asked that does not answer: for
	// about an hour.
	maxChecks = 12
	// holdAgain is after how long a file is tried to be held again.
	holdAgain = 2 * time.Second
	// oldAtOnce is how many files that are kept no longer are read at a time.
	oldAtOnce = 100
)

// checkAgain returns how long to wait after a try to check a file that failed.
func checkAgain(tries int) time.Duration {
	return min(5*time.Second<<min(tries, 10), 10*time.Minute)
}

// A keeper looks after files while Run runs: of each session one at a time, so
// that nobody's thousand pictures hold up the others.
type keeper struct {
	news chan struct{}
	wg   sync.WaitGroup

	mu   sync.Mutex // guards busy
	busy map[deskside.SessionID]bool
}

func newKeeper() *keeper {
	return &keeper{news: make(chan struct{}, 1), busy: make(map[deskside.SessionID]bool)}
}

// take reserves a session's file for one goroutine of this node.
func (k *keeper) take(id deskside.SessionID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy[id] || len(k.busy) >= checksAtOnce {
		return false
	}
	k.busy[id] = true
	return true
}

func (k *keeper) drop(id deskside.SessionID) {
	k.mu.Lock()
	delete(k.busy, id)
	k.mu.Unlock()
}

// wake says that something is to be done.
func (k *keeper) wake() {
	select {
	case k.news <- struct{}{}:
	default:
	}
}

// keep looks after files until ctx ends: those that are whole are checked,
// those that nobody finishes are given up, and bytes that nobody needs any
// more are removed.
func (d *Desk) keep(ctx context.Context) {
	if d.opt.Files.Blobs == nil {
		return
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	defer d.keeper.wg.Wait()
	for {
		d.try(ctx, "look after files", func() error { return errors.Join(d.keepDue(ctx), d.store.Bury(ctx, d.remove)) })
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-d.keeper.news:
		}
	}
}

func (d *Desk) keepDue(ctx context.Context) error {
	due, err := d.store.DueFiles(ctx, d.now(), 2*checksAtOnce)
	for _, f := range due {
		if !d.keeper.take(f.Session) {
			continue
		}
		d.keeper.wg.Go(func() {
			d.try(ctx, "look after a file", func() error { return d.keepOne(ctx, f) })
			d.keeper.drop(f.Session)
			d.keeper.wake() // another may wait for its place
		})
	}
	return err
}

// keepOne does what is next for one file.
func (d *Desk) keepOne(ctx context.Context, f deskside.StoredFile) error {
	lease := deskside.Timestamp(d.now().Add(checkLease))
	claimed, err := d.store.ClaimFile(ctx, f, lease)
	if err != nil || !claimed {
		return err
	}
	f.Due = lease
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	go d.stayAt(ctx, f.File)
	var logged deskside.File
	err = d.store.View(ctx, f.Session, func(s *deskside.Session) error {
		if found := s.File(f.File); found != nil {
			logged = *found
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case logged.State == deskside.FileOffered:
		return d.moveFile(ctx, f, deskside.FileMoved{State: deskside.FileExpired})
	case logged.State == deskside.FileChecking:
		return d.check(ctx, f, logged)
	case logged.State == deskside.FileArrived:
		f.Due = time.Time{}
		return d.storeFile(ctx, f)
	}
	f.Gone = true // taken back, or its session has ended
	return d.storeFile(ctx, f)
}

// stayAt keeps others from a file until ctx ends.
func (d *Desk) stayAt(ctx context.Context, id deskside.FileID) {
	ticker := time.NewTicker(checkLease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		d.try(ctx, "keep a file", func() error {
			f, err := d.store.File(ctx, id)
			if err == nil && !f.Due.IsZero() {
				_, err = d.store.ClaimFile(ctx, f, deskside.Timestamp(d.now().Add(checkLease)))
			}
			return err
		})
	}
}

// storeFile stores what became of a file beside the log.
func (d *Desk) storeFile(ctx context.Context, f deskside.StoredFile) error {
	_, err := d.update(ctx, f.Session, func(s *deskside.Session) (deskside.Change, error) {
		if s.Number == 0 {
			return deskside.Change{}, nil // erased meanwhile
		}
		return deskside.Change{File: &f}, nil
	})
	return err
}

// moveFile stores what became of a file, in the log and beside it. Where that
// can't be any more, the file is gone.
func (d *Desk) moveFile(ctx context.Context, f deskside.StoredFile, m deskside.FileMoved) error {
	m.File, f.Due = f.File, time.Time{}
	_, err := d.update(ctx, f.Session, func(s *deskside.Session) (deskside.Change, error) {
		f := f
		body := s.MoveFile(m)
		f.Gone = body == nil || m.State != deskside.FileArrived
		if s.Number == 0 || body == nil {
			return deskside.Change{File: &f}, nil
		}
		return d.moves(body, f), nil
	})
	return err
}

// check makes a file that is whole content, lets the scanner look at it, and
// hands it out or refuses it.
func (d *Desk) check(ctx context.Context, f deskside.StoredFile, logged deskside.File) error {
	if f.Content == nil {
		if held, err := d.hold(ctx, f); err != nil || !held {
			return err
		}
		sum, err := d.finish(ctx, logged)
		if err != nil {
			return d.postpone(ctx, f, err)
		}
		f.Content = sum
		if err := d.storeFile(ctx, f); err != nil {
			return err
		}
	}
	if err := d.opt.Files.Blobs.Abort(ctx, string(f.File)); err != nil {
		return err
	}
	m, err := d.examine(ctx, f, logged.Name)
	if err != nil {
		return d.postpone(ctx, f, err)
	}
	if m.State == deskside.FileRefused {
		d.log.Warn("a file was refused", "session", f.Session, "file", f.File, "why", m.Why, "threat", m.Threat)
		return d.moveFile(ctx, f, m)
	}
	return d.arrive(ctx, f)
}

// finish makes content of the bytes that came. Of an empty file none came; of
// any other that would be a loss, and no file arrives that is not what was
// sent.
func (d *Desk) finish(ctx context.Context, f deskside.File) ([]byte, error) {
	sum, err := d.opt.Files.Blobs.Finish(ctx, string(f.ID))
	if f.Size > 0 || deskside.CodeOf(err) != deskside.CodeNotFound {
		return sum, err
	}
	if _, err := d.opt.Files.Blobs.Append(ctx, string(f.ID), 0, strings.NewReader("")); err != nil {
		return nil, err
	}
	return d.opt.Files.Blobs.Finish(ctx, string(f.ID))
}

// hold keeps content from being removed until the file is stored the next
// time. Where that can't be now, it is tried again in a moment.
func (d *Desk) hold(ctx context.Context, f deskside.StoredFile) (bool, error) {
	held, err := d.store.HoldFile(ctx, f.File)
	if err == nil && !held {
		f.Due = d.now().Add(holdAgain)
		err = d.storeFile(ctx, f)
	}
	return held, err
}

// examine says whether a file may be handed out: its state is refused where
// not. An error means that it is not known.
func (d *Desk) examine(ctx context.Context, f deskside.StoredFile, name string) (m deskside.FileMoved, err error) {
	kind, err := d.sniff(ctx, f.Content)
	if err != nil {
		return m, err
	}
	if d.opt.Files.Rules.Denies(name, kind) {
		return deskside.FileMoved{State: deskside.FileRefused, Why: deskside.FileForbidden}, nil
	}
	if d.opt.Files.Scanner == nil {
		return m, nil
	}
	content, err := d.opt.Files.Blobs.Open(ctx, f.Content)
	if err != nil {
		return m, err
	}
	defer content.Close()
	threat, err := d.opt.Files.Scanner.Scan(ctx, content)
	switch {
	case threat != "":
		return deskside.FileMoved{State: deskside.FileRefused, Why: deskside.FileThreat, Threat: threat}, nil
	case deskside.CodeOf(err) == deskside.CodeFileTooLarge, err != nil && f.Tries >= maxChecks:
		d.log.Warn("a file could not be checked", "session", f.Session, "file", f.File, "error", err)
		return deskside.FileMoved{State: deskside.FileRefused, Why: deskside.FileUnchecked}, nil
	}
	return m, err
}

// sniffed is how many bytes tell the type of content.
const sniffed = 512

// sniff returns the media type of content (https://mimesniff.spec.whatwg.org).
func (d *Desk) sniff(ctx context.Context, sum []byte) (string, error) {
	content, err := d.opt.Files.Blobs.Open(ctx, sum)
	if err != nil {
		return "", err
	}
	defer content.Close()
	head, err := io.ReadAll(io.LimitReader(content, sniffed))
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	return kind, err
}

// postpone tries a file again later.
func (d *Desk) postpone(ctx context.Context, f deskside.StoredFile, cause error) error {
	d.log.Info("a file is checked again later", "session", f.Session, "file", f.File, "tries", f.Tries, "error", cause)
	f.Due = d.now().Add(checkAgain(f.Tries))
	f.Tries++
	return d.storeFile(context.WithoutCancel(ctx), f)
}

// arrive hands a file out, with what can be shown of it.
func (d *Desk) arrive(ctx context.Context, f deskside.StoredFile) error {
	m := deskside.FileMoved{State: deskside.FileArrived, SHA256: hexSum(f.Content)}
	shown, err := d.shown(ctx, f)
	if err != nil {
		return d.postpone(ctx, f, err)
	}
	if shown.Full != nil {
		m.Width, m.Height = shown.Width, shown.Height
		if f.Picture, err = d.content(ctx, f.File, "picture", shown.Full); err != nil {
			return d.postpone(ctx, f, err)
		}
		if f.Preview, err = d.content(ctx, f.File, "preview", shown.Preview); err != nil {
			return d.postpone(ctx, f, err)
		}
	}
	return d.moveFile(ctx, f, m)
}

// shown returns what is safe to show of a file; nothing where it is no
// picture, or one that is broken or too large.
func (d *Desk) shown(ctx context.Context, f deskside.StoredFile) (Shown, error) {
	kind, err := d.sniff(ctx, f.Content)
	if err != nil || d.opt.Files.Pictures == nil || !strings.HasPrefix(kind, "image/") {
		return Shown{}, err
	}
	content, err := d.opt.Files.Blobs.Open(ctx, f.Content)
	if err != nil {
		return Shown{}, err
	}
	defer content.Close()
	shown, err := d.opt.Files.Pictures(ctx, content)
	if deskside.CodeOf(err) == deskside.CodeInvalid {
		return Shown{}, nil
	}
	return shown, err
}

// content stores bytes that belong to a file, and returns their SHA-256. The
// file is held until it is stored the next time.
func (d *Desk) content(ctx context.Context, id deskside.FileID, what string, b []byte) ([]byte, error) {
	held, err := d.store.HoldFile(ctx, id)
	if err == nil && !held {
		err = deskside.Unavailable(errors.New("bytes are being removed"))
	}
	if err != nil {
		return nil, err
	}
	upload := string(id) + "-" + what
	if err := d.opt.Files.Blobs.Abort(ctx, upload); err != nil { // what somebody began who was killed
		return nil, err
	}
	if _, err := d.opt.Files.Blobs.Append(ctx, upload, 0, bytes.NewReader(b)); err != nil {
		return nil, err
	}
	sum, err := d.opt.Files.Blobs.Finish(ctx, upload)
	if err != nil {
		return nil, err
	}
	return sum, d.opt.Files.Blobs.Abort(ctx, upload)
}

// remove removes bytes that nobody needs any more.
func (d *Desk) remove(ctx context.Context, remains []deskside.Remains) error {
	for _, r := range remains {
		var err error
		if r.Upload != "" {
			for _, name := range []string{"", "-picture", "-preview"} {
				err = errors.Join(err, d.opt.Files.Blobs.Abort(ctx, string(r.Upload)+name))
			}
		} else {
			err = d.opt.Files.Blobs.Remove(ctx, r.Content)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeOld removes files that are kept no longer.
func (d *Desk) removeOld(ctx context.Context) error {
	if d.opt.Files.Blobs == nil {
		return nil
	}
	for {
		old, err := d.store.OldFiles(ctx, d.now().Add(-d.opt.Files.KeepFor), oldAtOnce)
		for _, f := range old {
			err = errors.Join(err, d.moveFile(ctx, f, deskside.FileMoved{State: deskside.FileRemoved}))
		}
		if err != nil || len(old) < oldAtOnce {
			return err
		}
	}
}
