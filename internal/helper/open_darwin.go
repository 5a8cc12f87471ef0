package helper

import (
	"context"
	"io"
	"os/exec"

	"deskside/internal/helper/device"
	"deskside/internal/helper/device/macos"
)

// System returns what the helper needs of this system: macOS.
func System() Options {
	return Options{
		Open:   func(context.Context) (device.Device, error) { return macos.Open() },
		Permit: macos.AskPermission,
		Browse: browse,
	}
}

// Main runs the program beside the loop of AppKit, which wants the first
// thread.
func Main(run func()) { macos.Main(run) }

// browse asks the system to open an address.
func browse(address string) error { return exec.Command("/usr/bin/open", address).Run() }

// CleanUp does nothing: macOS lets go of what a program held that is killed.
func CleanUp(io.Reader) error { return nil }

// Remove deletes the app, or the program's own file.
func Remove() error { return macos.Remove() }
