package helper

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"deskside/internal/helper/device"
	"deskside/internal/helper/device/portal"
	"deskside/internal/helper/device/x11"
)

// System returns what the helper needs of this system: an X server, or a
// Wayland desktop with the portal for remote control. Under Wayland there often
// is an X server too, but it reaches only the windows that are its own.
func System() Options {
	return Options{
		Open: func(ctx context.Context) (device.Device, error) {
			if os.Getenv("WAYLAND_DISPLAY") != "" {
				return portal.Open(ctx)
			}
			return x11.Open()
		},
		Browse: browse,
		Guard:  guard,
	}
}

// guard makes sure that an X server does not leave keys down.
func guard() (stop func(), err error) {
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return func() {}, nil // the desktop lets go of what a session held
	}
	return cleaner(&syscall.SysProcAttr{Setsid: true}) // not interrupted with this one
}

func prepareClean() (clean func() error, err error) { return x11.Cleaner() }

// Main runs the program; Linux has no thread that would have to be kept free.
func Main(run func()) { run() }

// browse asks the desktop to open an address, in the ways that desktops have.
func browse(address string) error {
	var err error
	for _, program := range []string{"xdg-open", "sensible-browser", "x-www-browser"} {
		command := exec.Command(program, address)
		if err = command.Start(); err == nil {
			go func() { _ = command.Wait() }() // how it ends is the desktop's business
			return nil
		}
	}
	return err
}

// Remove deletes the program's own file, and the folder that it came in.
func Remove() error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	if folder := filepath.Dir(path); strings.HasPrefix(filepath.Base(folder), filepath.Base(path)) {
		_ = os.Remove(folder) // unless the person has put something else there
	}
	return nil
}
