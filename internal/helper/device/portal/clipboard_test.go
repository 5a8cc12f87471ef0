//go:build linux

package portal_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"deskside/internal/helper/device"
)

// serveClipboard exports the clipboard's part of the portal.
func (f *fake) serveClipboard(export func(map[string]any, string)) {
	export(map[string]any{
		"RequestClipboard": func(s dbus.ObjectPath, _ vardict) *dbus.Error { return f.record(s, "clipboard") },
		"SetSelection": func(s dbus.ObjectPath, o vardict) *dbus.Error {
			return f.record(s, "selection %q", o["mime_types"].Value())
		},
		"SelectionRead": func(s dbus.ObjectPath, kind string) (dbus.UnixFD, *dbus.Error) {
			r, w, err := os.Pipe()
			if err != nil {
				return 0, dbus.MakeFailedError(err)
			}
			go func() {
				time.Sleep(50 * time.Millisecond) // programs take their time
				_, _ = io.WriteString(w, f.holds[kind])
				w.Close()
			}()
			// The library has to send it before it may be closed.
			fd := dbus.UnixFD(r.Fd())
			time.AfterFunc(time.Second, func() { r.Close() })
			return fd, f.record(s, "read %s", kind)
		},
		"SelectionWrite": func(s dbus.ObjectPath, serial uint32) (dbus.UnixFD, *dbus.Error) {
			r, w, err := os.Pipe()
			if err != nil {
				return 0, dbus.MakeFailedError(err)
			}
			go func() {
				b, _ := io.ReadAll(r)
				r.Close()
				f.pasted <- string(b)
			}()
			fd := dbus.UnixFD(w.Fd())
			time.AfterFunc(200*time.Millisecond, func() { w.Close() })
			return fd, nil
		},
		"SelectionWriteDone": func(_ dbus.ObjectPath, _ uint32, ok bool) *dbus.Error {
			f.done <- ok
			return nil
		},
	}, "org.freedesktop.portal.Clipboard")
}

// change says that another program has put something on the clipboard, or that
// the session has.
func (f *fake) change(own bool, types any) {
	f.emit(portalPath, "org.freedesktop.portal.Clipboard.SelectionOwnerChanged", f.handle(), vardict{
		"mime_types": dbus.MakeVariant(types), "session_is_owner": dbus.MakeVariant(own),
	})
}

func TestReadClipboard(t *testing.T) {
	f := newFake(t)
	picture := "\x89PNG" + strings.Repeat("x", 200000) // more than a pipe holds
	f.holds = map[string]string{"text/plain;charset=utf-8": "Ωmega", "UTF8_STRING": "Omega", "image/png": picture}
	d := open(t, f.serve())

	f.change(false, []string{"UTF8_STRING", "text/plain;charset=utf-8", "image/png"})
	wantEvent(t, d, device.ClipboardChanged)
	if got, err := d.Clipboard(100); err != nil || got.Text != "Ωmega" {
		t.Errorf("text: %+v, %v", got, err)
	}
	if got, err := d.Clipboard(5); err != nil || got.Text != "" || got.PNG != nil {
		t.Errorf("a text of 6 bytes, of at most 5: %+v, %v; want none", got, err)
	}

	f.change(false, struct{ Types []string }{[]string{"image/png"}})
	wantEvent(t, d, device.ClipboardChanged)
	if got, err := d.Clipboard(1 << 20); err != nil || string(got.PNG) != picture {
		t.Errorf("picture: %d bytes, %v; want %d", len(got.PNG), err, len(picture))
	}

	f.change(false, []string{"application/x-other"})
	wantEvent(t, d, device.ClipboardChanged)
	if got, err := d.Clipboard(100); err != nil || got.Text != "" || got.PNG != nil {
		t.Errorf("neither text nor picture: %+v, %v", got, err)
	}
}

// Desktops that don't say what the clipboard holds are asked for everything.
func TestReadUnannouncedClipboard(t *testing.T) {
	f := newFake(t)
	f.holds = map[string]string{"UTF8_STRING": "here"}
	d := open(t, f.serve())
	if got, err := d.Clipboard(100); err != nil || got.Text != "here" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWriteClipboard(t *testing.T) {
	f := newFake(t)
	d := open(t, f.serve())
	f.took()
	if err := d.SetClipboard(device.Content{Text: "Γειά 😀"}); err != nil {
		t.Fatal(err)
	}
	if got, want := f.took(), []string{`selection ["text/plain;charset=utf-8" "UTF8_STRING" "text/plain"]`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	f.change(true, []string{"text/plain"}) // no event
	f.change(true, []string{"text/plain"})
	if got := f.paste("UTF8_STRING", 7); got != "Γειά 😀" {
		t.Errorf("a program pasted %q", got)
	}
	if got, err := d.Clipboard(100); err != nil || got.Text != "Γειά 😀" {
		t.Errorf("what the session put there itself: %+v, %v", got, err)
	}
	if got, err := d.Clipboard(3); err != nil || got.Text != "" {
		t.Errorf("what the session put there itself, of at most 3 bytes: %+v, %v", got, err)
	}

	big := "\x89PNG" + strings.Repeat("y", 300000)
	if err := d.SetClipboard(device.Content{PNG: []byte(big)}); err != nil {
		t.Fatal(err)
	}
	if got := f.paste("image/png", 8); got != big {
		t.Errorf("a program pasted %d bytes of a picture of %d", len(got), len(big))
	}
	f.emit(portalPath, "org.freedesktop.portal.Clipboard.SelectionTransfer", f.handle(), "text/html", uint32(9))
	if ok := <-f.done; ok {
		t.Error("a kind that wasn't offered was said to be written")
	}
	select {
	case e := <-d.Events():
		t.Errorf("event %v for what SetClipboard did", e)
	default:
	}
}

// paste does as if a program asked for the clipboard.
func (f *fake) paste(kind string, serial uint32) string {
	f.t.Helper()
	f.emit(portalPath, "org.freedesktop.portal.Clipboard.SelectionTransfer", f.handle(), kind, serial)
	select {
	case ok := <-f.done:
		if !ok {
			f.t.Error("the transfer failed")
		}
	case <-time.After(5 * time.Second):
		f.t.Fatal("nothing was written")
	}
	return <-f.pasted
}

// Without the clipboard there is a session nonetheless.
func TestNoClipboard(t *testing.T) {
	f := newFake(t)
	f.clipboard = false
	d := open(t, f.serve())
	if _, err := d.Clipboard(100); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("Clipboard: %v", err)
	}
	if err := d.SetClipboard(device.Content{Text: "x"}); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("SetClipboard: %v", err)
	}
}
