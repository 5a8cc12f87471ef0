package helper

import (
	"context"
	"syscall"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
	"deskside/internal/helper/device/win32"
)

// System returns what the helper needs of this system: Windows.
func System() Options {
	return Options{
		Open:    func(context.Context) (device.Device, error) { return win32.Open() },
		Elevate: win32.RestartElevated,
		Browse:  browse,
		Guard: func() (stop func(), err error) {
			return cleaner(&syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP})
		},
	}
}

func prepareClean() (clean func() error, err error) { return win32.Clean, nil }

// Main runs the program; what needs a thread of its own has one.
func Main(run func()) { run() }

// browse asks the shell to open an address.
func browse(address string) error {
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	file, err := windows.UTF16PtrFromString(address)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, verb, file, nil, nil, windows.SW_SHOWNORMAL)
}

// Remove deletes the program's own file.
func Remove() error { return win32.Remove() }
