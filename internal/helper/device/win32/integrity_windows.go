package win32

import (
	"image"
	"unsafe"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

// ownLevel returns the integrity level of this process.
func ownLevel() (uint32, error) { return levelOf(windows.GetCurrentProcessToken()) }

func levelOf(token windows.Token) (uint32, error) {
	var label [16]uint64 // a TOKEN_MANDATORY_LABEL and its SID, aligned
	var length uint32
	err := windows.GetTokenInformation(token, windows.TokenIntegrityLevel,
		(*byte)(unsafe.Pointer(&label)), uint32(unsafe.Sizeof(label)), &length)
	if err != nil {
		return 0, err
	}
	sid := (*windows.Tokenmandatorylabel)(unsafe.Pointer(&label)).Label.Sid
	return sid.SubAuthority(uint32(sid.SubAuthorityCount()) - 1), nil
}

// elevated returns device.ErrElevated if a window belongs to a program with
// more rights than this one. What can't be asked has more.
func (c *computer) elevated(window windows.HWND) error {
	var process uint32
	if window == 0 {
		return nil // the desktop is between two windows
	}
	if _, err := windows.GetWindowThreadProcessId(window, &process); err != nil || process == 0 {
		return nil // it is gone
	}
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, process)
	if err == windows.ERROR_INVALID_PARAMETER {
		return nil // so is its program
	}
	if err != nil {
		return device.ErrElevated
	}
	defer func() { _ = windows.CloseHandle(handle) }()
	var token windows.Token
	if err := windows.OpenProcessToken(handle, windows.TOKEN_QUERY, &token); err != nil {
		return device.ErrElevated
	}
	defer token.Close()
	if level, err := levelOf(token); err != nil || level > c.level {
		return device.ErrElevated
	}
	return nil
}

// activeElevated and elevatedAt check the window that gets keys, and the one
// that gets the mouse in a place.
func (c *computer) activeElevated() error { return c.elevated(windows.GetForegroundWindow()) }

func (c *computer) elevatedAt(at image.Point) error {
	window, _, _ := procWindowFromPoint.Call(packed(at))
	return c.elevated(windows.HWND(window))
}
