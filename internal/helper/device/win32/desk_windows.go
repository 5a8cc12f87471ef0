package win32

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

const (
	msgDisplayChange   = 0x007e
	msgScaleChange     = 0x02e0 // WM_DPICHANGED
	msgHitTest         = 0x0084
	msgMouseActivate   = 0x0021
	msgClipboardUpdate = 0x031d

	hitTransparent  = ^uintptr(0) // HTTRANSPARENT, −1
	noActivate      = 3           // MA_NOACTIVATE
	stylePopup      = 0x80000000
	styleTopmost    = 0x00000008 // WS_EX_…
	styleTool       = 0x00000080
	styleThrough    = 0x00000020 // WS_EX_TRANSPARENT
	styleLayered    = 0x00080000
	styleNoActivate = 0x08000000
)

// A windowClass is a WNDCLASSEXW.
type windowClass struct {
	size, style              uint32
	procedure                uintptr
	classExtra, windowExtra  int32
	instance, icon           uintptr
	cursor, background, menu uintptr
	name                     *uint16
	smallIcon                uintptr
}

// deskClass registers the class of all windows here, once: a class stays.
var deskClass = sync.OnceValues(func() (*uint16, error) {
	name := wide("DesksideHelper")
	class := &windowClass{procedure: windows.NewCallback(onMessage), name: name}
	class.size = uint32(unsafe.Sizeof(*class))
	return name, failed(procRegisterClassEx.Call(uintptr(unsafe.Pointer(class))))
})

// onMessage is the procedure of all windows here.
func onMessage(window uintptr, what uint32, wParam, lParam uintptr) uintptr {
	if c := current.Load(); c != nil {
		switch what {
		case msgDisplayChange:
			c.events.Announce(device.MonitorsChanged)
		case msgClipboardUpdate:
			// The clipboard may be ours at this moment, and then waits for this
			// thread.
			go func() {
				if c.clipboard.foreign() {
					c.events.Announce(device.ClipboardChanged)
				}
			}()
			return 0
		}
	}
	switch what {
	case msgHitTest:
		return hitTransparent
	case msgMouseActivate:
		return noActivate
	case msgScaleChange:
		return 0 // the picture has the monitor's pixels already
	}
	result, _, _ := procDefWindowProc.Call(window, uintptr(what), wParam, lParam)
	return result
}

// createWindow creates a window that isn't shown yet. It is of the calling
// thread, as is everything else in this file but onMessage.
func createWindow(style uint32) (uintptr, error) {
	class, err := deskClass()
	if err != nil {
		return 0, err
	}
	window, _, err := procCreateWindowEx.Call(uintptr(style), uintptr(unsafe.Pointer(class)), 0, stylePopup,
		0, 0, 0, 0, 0, 0, 0, 0)
	return window, failed(window, 0, err)
}

// openDesk creates the window that hears of monitors and the clipboard. It is
// never shown, but a usual one: message-only windows get no broadcasts.
func (c *computer) openDesk() (err error) {
	if c.listener, err = createWindow(styleTool | styleNoActivate); err != nil {
		return err
	}
	if c.clipboard, err = newClipboard(c.listener); err != nil {
		return err
	}
	return failed(procAddClipboardFormatListener.Call(c.listener))
}

// shutDesk leaves the windows to Windows, which destroys them with the thread.
func (c *computer) shutDesk() {
	if c.listener != 0 {
		_, _, _ = procRemoveClipboardFormatListener.Call(c.listener)
	}
}
