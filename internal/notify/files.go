package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"deskside"
)

// Files hands text messages to Gammu SMSD through its files backend
// (gammu-smsd-files(7)): a message is a file in its outbox, and where that has
// moved says what became of it. It implements desk.Sender.
type Files struct{ spool *os.Root }

// The folders of the spool. Gammu's own defaults have these names.
const outbox, sentbox, errorbox = "outbox", "sent", "error"

// pollFiles is how soon a look at the spool is worth it.
const pollFiles = 5 * time.Second

// NewFiles opens the spool, in which Gammu's outbox, sent and error are.
func NewFiles(spool string) (*Files, error) {
	root, err := os.OpenRoot(spool)
	if err != nil {
		return nil, fmt.Errorf("the spool of Gammu SMSD: %w", err)
	}
	for _, folder := range []string{outbox, sentbox, errorbox} {
		if info, err := root.Stat(folder); err != nil || !info.IsDir() {
			return nil, errors.Join(fmt.Errorf("the spool of Gammu SMSD has no folder %q", folder), root.Close())
		}
	}
	return &Files{root}, nil
}

// Idempotent implements desk.Sender: the file's name comes from the
// invitation's.
func (f *Files) Idempotent() bool { return true }

// fileName follows OUT<priority><date>_<time>_<serial>_<recipient>_<note>.txt
// with the option d, a delivery report. The date only orders the outbox; it is
// fixed, so that the name is the same at each try.
func fileName(to string, id deskside.InvitationID) string {
	return fmt.Sprintf("OUTC20260101_000000_00_%s_%s.txtd", to, id)
}

// Send implements desk.Sender.
func (f *Files) Send(_ context.Context, l deskside.Letter) (deskside.Posted, error) {
	name := fileName(l.To, l.Invitation)
	anybody := fileName("*", l.Invitation) // a reference is kept longer than a number may be
	posted := deskside.Posted{Reference: anybody, PollAfter: pollFiles}
	if strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_+.", r)
	}) {
		return deskside.Posted{}, refused("This number can't be sent to.")
	}
	if folder, err := f.find(anybody); err != nil || folder != "" {
		return posted, err
	}
	draft := filepath.Join(outbox, "draft-"+string(l.Invitation)) // names that don't begin with OUT are left alone
	err := f.write(draft, encode(l.Text))
	if err == nil {
		err = f.spool.Rename(draft, filepath.Join(outbox, name))
	}
	if err != nil {
		_ = f.spool.Remove(draft) // it may not be there
		return deskside.Posted{}, unreachable()
	}
	return posted, nil
}

// write makes a file that is whole even after a power cut: an empty one would
// go out as an empty message.
func (f *Files) write(name string, content []byte) error {
	file, err := f.spool.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o660)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// find returns the folder that has a file whose name matches, or "".
func (f *Files) find(pattern string) (string, error) {
	for _, folder := range []string{outbox, sentbox, errorbox, outbox} { // it may move meanwhile
		names, err := f.names(folder)
		if err != nil {
			return "", unreachable()
		}
		for _, name := range names {
			if same, err := path.Match(pattern, name); err != nil || same {
				return folder, err
			}
		}
	}
	return "", nil
}

func (f *Files) names(folder string) ([]string, error) {
	dir, err := f.spool.Open(folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

// State implements desk.Sender.
func (f *Files) State(_ context.Context, reference string) (deskside.Delivery, error) {
	folder, err := f.find(reference)
	switch {
	case err != nil:
		return deskside.Delivery{}, err
	case folder == sentbox:
		return deskside.Delivery{State: deskside.InvitationSent, Final: true}, nil // of what follows only its log tells
	case folder == errorbox:
		return deskside.Delivery{State: deskside.InvitationRefused, Detail: "The phone could not send it."}, nil
	}
	return deskside.Delivery{}, nil
}

// Receipt implements desk.Sender. There are none.
func (f *Files) Receipt(url.Values, []byte) (deskside.Delivery, error) {
	return deskside.Delivery{}, errors.New("nothing is reported by Gammu SMSD")
}

// encode writes a text as Gammu reads it: UTF-16 with a byte order mark where
// it is not plain ASCII.
func encode(text string) []byte {
	if !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return []byte(text)
	}
	var b []byte
	for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return b
}
