// Package win32 is the helper's Device on Windows 10 and 11: input by
// SendInput, low-level hooks to see what the person does, layered windows for
// marks and frame, and the clipboard of the window station.
//
// What only computes is in files that build everywhere, so that it is tested
// wherever the tests run; what calls Windows is in the files *_windows.go.
//
// # Limits
//
// Windows keeps programs from reaching those with more rights (UIPI), and it
// does so silently: the input is dropped, hooks see nothing. So each press is
// checked against the window that it would reach, and refused with
// device.ErrElevated. The same error stands for the secure desktop, where
// Windows asks for consent or a password. RestartElevated gets past the former,
// nothing that starts without being installed gets past the latter.
package win32
