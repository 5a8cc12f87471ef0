package macos

import (
	"fmt"
	"os"
	"path/filepath"
)

// Remove deletes the running program: its .app bundle, or its executable. It
// goes on running until it ends. A program that the person has opened right
// where the browser put it runs from a read-only copy of the system's; then it
// is an error, and the person has to put the download into the bin.
func Remove() error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the program doesn't know where it is: %w", err)
	}
	if executable, err = filepath.EvalSymlinks(executable); err != nil {
		return fmt.Errorf("the program isn't where it was: %w", err)
	}
	return os.RemoveAll(removable(executable))
}
