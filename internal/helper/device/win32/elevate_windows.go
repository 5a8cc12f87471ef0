package win32

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/windows"
)

// RestartElevated starts the program once more, with administrator rights and
// the arguments given. Windows asks the person on the secure desktop, and
// RestartElevated returns after that: windows.ERROR_CANCELLED if they said no.
// The caller then ends this one. A person who isn't an administrator needs the
// password of one.
func RestartElevated(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = windows.EscapeArg(arg)
	}
	parameters, err := windows.UTF16PtrFromString(strings.Join(quoted, " "))
	if err != nil {
		return err
	}
	file, err := windows.UTF16PtrFromString(self)
	if err != nil {
		return err
	}
	// Extensions of the shell may take part, and those need COM on the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE) == nil {
		defer windows.CoUninitialize()
	}
	return windows.ShellExecute(0, wide("runas"), file, parameters, nil, windows.SW_SHOWNORMAL)
}
