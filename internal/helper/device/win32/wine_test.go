//go:build wine && windows

package win32

import (
	"image"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

// These tests move the pointer and type, so they are run under Wine on a screen
// of their own, by scripts/wine.sh.

var (
	procFindWindowEx        = user32.NewProc("FindWindowExW")
	procSendMessage         = user32.NewProc("SendMessageW")
	procSetForegroundWindow = user32.NewProc("SetForegroundWindow")
	procSetWindowPos        = user32.NewProc("SetWindowPos")
	procGetDC               = user32.NewProc("GetDC")
	procReleaseDC           = user32.NewProc("ReleaseDC")
	procGetPixel            = gdi32.NewProc("GetPixel")
)

func open(t *testing.T) *computer {
	t.Helper()
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d.(*computer)
}

// eventually waits until what becomes true.
func eventually(t *testing.T, name string, what func() bool) {
	t.Helper()
	for range 100 {
		if what() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: never", name)
}

// happened returns the events of the next moment.
func happened(c *computer) map[device.Event]int {
	all := map[device.Event]int{}
	for late := time.After(500 * time.Millisecond); ; {
		select {
		case e := <-c.Events():
			all[e]++
		case <-late:
			return all
		}
	}
}

// notepad starts Notepad, active, and returns its field.
func notepad(t *testing.T, c *computer) (field uintptr) {
	t.Helper()
	cmd := exec.Command("notepad.exe")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var window uintptr
	eventually(t, "Notepad", func() bool {
		window, _, _ = procFindWindowEx.Call(0, 0, uintptr(unsafe.Pointer(wide("Notepad"))), 0)
		if window != 0 {
			field, _, _ = procFindWindowEx.Call(window, 0, uintptr(unsafe.Pointer(wide("Edit"))), 0)
		}
		return field != 0
	})
	_, _, _ = procSetWindowPos.Call(window, 0, 200, 150, 500, 400, 0)
	_, _, _ = procSetForegroundWindow.Call(window)
	eventually(t, "Notepad active", func() bool { return windows.GetForegroundWindow() == windows.HWND(window) })
	happened(c) // the X server tells Wine where its pointer is when a window comes up
	return field
}

// content returns a field's text, and empty empties it.
func content(field uintptr) string {
	units := make([]uint16, 4096)
	_, _, _ = procSendMessage.Call(field, 0x000d, uintptr(len(units)), uintptr(unsafe.Pointer(&units[0]))) // WM_GETTEXT
	return strings.ReplaceAll(windows.UTF16ToString(units), "\r\n", "\n")
}

func empty(field uintptr) {
	_, _, _ = procSendMessage.Call(field, 0x000c, 0, uintptr(unsafe.Pointer(wide("")))) // WM_SETTEXT
}

func want(t *testing.T, field uintptr, text string) {
	t.Helper()
	for range 600 { // Wine takes a while for long text
		if content(field) == text {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got := content(field); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
	empty(field)
}

// move moves the pointer, and then the X server's: Wine leaves that where it was
// while a hook is set, and soon follows it back.
func move(t *testing.T, c *computer, to image.Point) {
	t.Helper()
	if err := c.Move(to); err != nil {
		t.Fatal(err)
	}
	_, _, _ = user32.NewProc("SetCursorPos").Call(uintptr(to.X), uintptr(to.Y))
}
