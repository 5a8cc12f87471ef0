//go:build linux || windows

package helper

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// cleaner starts this program once more, which cleans up after this one if it is
// killed: the system would leave the keys down. It ends with this one.
func cleaner(apart *syscall.SysProcAttr) (stop func(), err error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, "-clean")
	command.SysProcAttr = apart
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
	clean, err := prepareClean()
	if _, ended := io.ReadFull(in, make([]byte, 1)); ended == nil {
		return nil
	}
	return errors.Join(err, clean())
}
