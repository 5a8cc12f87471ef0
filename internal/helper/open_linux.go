package helper

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
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

// guard starts this program once more, which cleans up after this one if it is
// killed: an X server would leave the keys down. It ends with this one.
func guard() (stop func(), err error) {
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return func() {}, nil // the desktop lets go of what a session held
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, "-clean")
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // not interrupted with this one
	line, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return nil, err
	}
	return func() {
		_, _ = line.Write([]byte{0}) // all is well
		_ = line.Close()
		_ = command.Wait()
	}, nil
}

// CleanUp waits until the program at the other end of in says that all is
// well, or ends without, and then lets go of what it held.
func CleanUp(in io.Reader) error {
	clean, err := x11.Cleaner()
	if _, ended := io.ReadFull(in, make([]byte, 1)); ended == nil {
		return nil
	}
	return errors.Join(err, clean())
}

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

// Remove deletes the program's own file.
func Remove() error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	return os.Remove(path)
}
