package win32

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Remove deletes the file of the running program, which runs on. Windows
// refuses to delete a file whose content is mapped as a program, so the content
// is moved to a named stream first; what is left has none that is in use. That
// takes NTFS (or ReFS) and, for the second step, Windows 10 1709; elsewhere
// Remove returns an error, and puts back what it moved.
func Remove() error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	const aside = ":removed"
	if err := renameStream(path, aside, false); err != nil {
		return fmt.Errorf("move the content aside: %w", err)
	}
	err = setFile(path, windows.FileDispositionInfoEx, flags(
		windows.FILE_DISPOSITION_DELETE|windows.FILE_DISPOSITION_POSIX_SEMANTICS))
	if err != nil {
		back := renameStream(path+aside, "::$DATA", true) // an empty one has taken its place
		return fmt.Errorf("delete: %w", errors.Join(err, back))
	}
	return nil
}

func flags(f uint32) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(&f)), 4) }

// renameStream renames a stream of a file.
func renameStream(path, name string, replace bool) error {
	return setFile(path, windows.FileRenameInfo, renameInfo(name, replace))
}

// setFile opens a file to delete it, and sets a piece of information.
func setFile(path string, class uint32, info []byte) error {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	handle, err := windows.CreateFile(name, windows.DELETE|windows.SYNCHRONIZE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return err
	}
	return errors.Join(windows.SetFileInformationByHandle(handle, class, &info[0], uint32(len(info))),
		windows.CloseHandle(handle))
}
