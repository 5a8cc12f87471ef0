//go:build linux

package portal

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"

	"deskside/internal/helper/device"
)

const (
	readTime  = time.Second      // for what another program holds
	writeTime = 10 * time.Second // for a program that pastes
	pictures  = "image/png"
)

// texts are the names of text on a clipboard, the best first.
var texts = []string{"text/plain;charset=utf-8", "UTF8_STRING", "text/plain"}

// clipboard is what is known of the computer's clipboard. Signals write it,
// calls read it.
type clipboard struct {
	requested bool
	mu        sync.Mutex
	known     bool           // the desktop has said what there is
	types     []string       // what another program offers
	own       bool           // the clipboard holds content
	content   device.Content // what SetClipboard was given last
}

// requestClipboard asks for the clipboard along with the devices. Without it
// there is a session nonetheless.
func (d *desktop) requestClipboard(ctx context.Context) {
	if version, err := d.property(ctx, clipboardPortal, "version"); err != nil || version < 1 {
		return
	}
	err := d.portal.CallWithContext(ctx, clipboardPortal+".RequestClipboard", 0, d.session, options{}).Err
	d.clip.requested = err == nil
}

// clipboardSignal takes those of the portal's signals that are about the
// clipboard.
func (d *desktop) clipboardSignal(s *dbus.Signal) {
	if s.Sender != d.owner || len(s.Body) < 2 || s.Body[0] != d.session {
		return
	}
	switch s.Name {
	case clipboardPortal + ".SelectionOwnerChanged":
		o, _ := s.Body[1].(options)
		types, _ := o["mime_types"].Value().([]string)
		if types == nil {
			// Mutter's own interface has them in a struct, which a portal may
			// pass on as it is.
			var nested struct{ Types []string }
			if o["mime_types"].Signature().String() == "(as)" && o["mime_types"].Store(&nested) == nil {
				types = nested.Types
			}
		}
		own, _ := o["session_is_owner"].Value().(bool)
		d.clip.mu.Lock()
		d.clip.known, d.clip.types, d.clip.own = true, types, own
		d.clip.mu.Unlock()
		if !own {
			d.events.Announce(device.ClipboardChanged)
		}
	case clipboardPortal + ".SelectionTransfer":
		var session dbus.ObjectPath
		var kind string
		var serial uint32
		if dbus.Store(s.Body, &session, &kind, &serial) == nil {
			go d.hand(kind, serial) // a program may read slowly, or never
		}
	}
}

// Clipboard returns text where the clipboard has it, else a picture. Where the
// desktop doesn't say what there is, it asks for one after the other.
func (d *desktop) Clipboard(most int) (device.Content, error) {
	if !d.clipboardEnabled {
		return device.Content{}, device.ErrUnsupported
	}
	d.clip.mu.Lock()
	known, types, own, content := d.clip.known, d.clip.types, d.clip.own, d.clip.content
	d.clip.mu.Unlock()
	if own { // compositors don't let a session read what it wrote
		if len(content.Text)+len(content.PNG) > most {
			return device.Content{}, nil
		}
		return content, nil
	}
	for _, kind := range append(slices.Clone(texts), pictures) {
		if known && !slices.Contains(types, kind) {
			continue
		}
		b, err := d.read(kind, most)
		switch {
		case !known && len(b) == 0 && !errors.Is(err, ErrEnded):
			continue
		case err != nil || b == nil:
			return device.Content{}, err
		case kind == pictures:
			return device.Content{PNG: b}, nil
		}
		return device.Content{Text: string(b)}, nil
	}
	return device.Content{}, nil
}

// read reads what another program holds; it is nil where that is more than
// most bytes.
func (d *desktop) read(kind string, most int) ([]byte, error) {
	f, err := d.file(clipboardPortal+".SelectionRead", kind)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.SetReadDeadline(time.Now().Add(readTime)); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil || len(b) > most {
		return nil, err
	}
	return b, nil
}

// SetClipboard offers something to the computer's programs, for as long as the
// session lasts.
func (d *desktop) SetClipboard(c device.Content) error {
	if !d.clipboardEnabled {
		return device.ErrUnsupported
	}
	types := texts
	if c.Text == "" {
		types = nil
		if c.PNG != nil {
			types = []string{pictures}
		}
	}
	d.clip.mu.Lock()
	before := d.clip.content
	d.clip.content = c // first, as a program may paste at once
	d.clip.mu.Unlock()
	err := d.call(clipboardPortal+".SetSelection", options{"mime_types": dbus.MakeVariant(append([]string{}, types...))})
	if err != nil {
		d.clip.mu.Lock()
		d.clip.content = before
		d.clip.mu.Unlock()
		return err
	}
	return nil
}

// hand gives a program what it pastes.
func (d *desktop) hand(kind string, serial uint32) {
	d.clip.mu.Lock()
	var b []byte
	switch {
	case kind == pictures:
		b = d.clip.content.PNG
	case slices.Contains(texts, kind):
		b = []byte(d.clip.content.Text)
	}
	d.clip.mu.Unlock()
	err := errors.New("not on the clipboard")
	if len(b) > 0 {
		err = d.write(serial, b)
	}
	// Whether the portal hears of it or not, there is nothing more to do.
	_ = d.call(clipboardPortal+".SelectionWriteDone", serial, err == nil)
}

func (d *desktop) write(serial uint32, b []byte) error {
	f, err := d.file(clipboardPortal+".SelectionWrite", serial)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Close()
}

// file calls a method that returns one end of a pipe.
func (d *desktop) file(method string, arg any) (*os.File, error) {
	if d.ended.Load() || d.closing.Load() {
		return nil, ErrEnded
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	var fd dbus.UnixFD
	if err := d.portal.CallWithContext(ctx, method, 0, d.session, arg).Store(&fd); err != nil {
		return nil, err
	}
	// Only a file that doesn't block has deadlines.
	if err := syscall.SetNonblock(int(fd), true); err != nil {
		_ = syscall.Close(int(fd))
		return nil, err
	}
	return os.NewFile(uintptr(fd), "clipboard"), nil
}
