package win32

import (
	"errors"
	"image"
	"unsafe"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

var (
	user32   = windows.NewLazySystemDLL("user32.dll")
	gdi32    = windows.NewLazySystemDLL("gdi32.dll")
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")

	procSetProcessDpiAwarenessContext = user32.NewProc("SetProcessDpiAwarenessContext")
	procGetThreadDpiAwarenessContext  = user32.NewProc("GetThreadDpiAwarenessContext")
	procGetAwareness                  = user32.NewProc("GetAwarenessFromDpiAwarenessContext")
	procSetProcessDPIAware            = user32.NewProc("SetProcessDPIAware")

	procEnumDisplayMonitors = user32.NewProc("EnumDisplayMonitors")
	procGetMonitorInfo      = user32.NewProc("GetMonitorInfoW")
	procMonitorFromPoint    = user32.NewProc("MonitorFromPoint")
	procGetSystemMetrics    = user32.NewProc("GetSystemMetrics")

	procSendInput        = user32.NewProc("SendInput")
	procGetAsyncKeyState = user32.NewProc("GetAsyncKeyState")
	procGetCursorPos     = user32.NewProc("GetCursorPos")
	procWindowFromPoint  = user32.NewProc("WindowFromPoint")
	procVkKeyScanEx      = user32.NewProc("VkKeyScanExW")
	procMapVirtualKeyEx  = user32.NewProc("MapVirtualKeyExW")

	procSetWindowsHookEx    = user32.NewProc("SetWindowsHookExW")
	procUnhookWindowsHookEx = user32.NewProc("UnhookWindowsHookEx")
	procCallNextHookEx      = user32.NewProc("CallNextHookEx")
	procRegisterHotKey      = user32.NewProc("RegisterHotKey")
	procUnregisterHotKey    = user32.NewProc("UnregisterHotKey")
	procSetTimer            = user32.NewProc("SetTimer")
	procGetMessage          = user32.NewProc("GetMessageW")
	procPeekMessage         = user32.NewProc("PeekMessageW")
	procDispatchMessage     = user32.NewProc("DispatchMessageW")
	procPostThreadMessage   = user32.NewProc("PostThreadMessageW")

	procRegisterClassEx     = user32.NewProc("RegisterClassExW")
	procCreateWindowEx      = user32.NewProc("CreateWindowExW")
	procDestroyWindow       = user32.NewProc("DestroyWindow")
	procShowWindow          = user32.NewProc("ShowWindow")
	procDefWindowProc       = user32.NewProc("DefWindowProcW")
	procUpdateLayeredWindow = user32.NewProc("UpdateLayeredWindow")
	procCreateCompatibleDC  = gdi32.NewProc("CreateCompatibleDC")
	procDeleteDC            = gdi32.NewProc("DeleteDC")
	procCreateDIBSection    = gdi32.NewProc("CreateDIBSection")
	procSelectObject        = gdi32.NewProc("SelectObject")
	procDeleteObject        = gdi32.NewProc("DeleteObject")

	procAddClipboardFormatListener    = user32.NewProc("AddClipboardFormatListener")
	procRemoveClipboardFormatListener = user32.NewProc("RemoveClipboardFormatListener")
	procOpenClipboard                 = user32.NewProc("OpenClipboard")
	procCloseClipboard                = user32.NewProc("CloseClipboard")
	procEmptyClipboard                = user32.NewProc("EmptyClipboard")
	procGetClipboardData              = user32.NewProc("GetClipboardData")
	procSetClipboardData              = user32.NewProc("SetClipboardData")
	procIsClipboardFormatAvailable    = user32.NewProc("IsClipboardFormatAvailable")
	procRegisterClipboardFormat       = user32.NewProc("RegisterClipboardFormatW")
	procGetClipboardSequenceNumber    = user32.NewProc("GetClipboardSequenceNumber")
	procGlobalAlloc                   = kernel32.NewProc("GlobalAlloc")
	procGlobalFree                    = kernel32.NewProc("GlobalFree")
	procGlobalLock                    = kernel32.NewProc("GlobalLock")
	procGlobalUnlock                  = kernel32.NewProc("GlobalUnlock")
	procGlobalSize                    = kernel32.NewProc("GlobalSize")
)

// errRefused says that Windows gave no reason.
var errRefused = errors.New("refused by Windows")

// failed returns the error of a call that returns 0 when it fails. Access that
// Windows denies here is denied for want of rights: to another program's
// window, or to the secure desktop.
func failed(result, _ uintptr, err error) error {
	switch {
	case result != 0:
		return nil
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return device.ErrElevated
	case err == nil || errors.Is(err, windows.ERROR_SUCCESS):
		return errRefused
	}
	return err
}

// A point is a POINT or a SIZE.
type point struct{ x, y int32 }

func pointOf(p image.Point) point { return point{int32(p.X), int32(p.Y)} }

// A rect is a RECT.
type rect struct{ left, top, right, bottom int32 }

func (r rect) rectangle() image.Rectangle {
	return image.Rect(int(r.left), int(r.top), int(r.right), int(r.bottom))
}

// memory returns the memory at an address that Windows gave, which is not Go's.
func memory(address uintptr, size int) []byte {
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), size)
}

// wide returns a constant as Windows takes text.
func wide(constant string) *uint16 {
	w, err := windows.UTF16PtrFromString(constant)
	if err != nil {
		panic(err) // it holds a zero
	}
	return w
}
