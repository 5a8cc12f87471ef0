package win32

import (
	"fmt"
	"image"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// An input is the INPUT structure of SendInput as it is on 64-bit Windows, 40
// bytes in little-endian order: the type, 4 bytes for alignment, then a
// MOUSEINPUT or a KEYBDINPUT. Words keep it aligned as the kernel demands.
type input [5]uint64

// The types of INPUT.
const (
	inputMouse    = 0
	inputKeyboard = 1
)

// The flags of MOUSEINPUT.
const (
	mouseMove        = 0x0001
	mouseLeftDown    = 0x0002
	mouseLeftUp      = 0x0004
	mouseRightDown   = 0x0008
	mouseRightUp     = 0x0010
	mouseMiddleDown  = 0x0020
	mouseMiddleUp    = 0x0040
	mouseXDown       = 0x0080
	mouseXUp         = 0x0100
	mouseWheel       = 0x0800
	mouseHWheel      = 0x1000
	mouseVirtualDesk = 0x4000
	mouseAbsolute    = 0x8000
)

// The values of MOUSEINPUT.mouseData with mouseXDown and mouseXUp.
const (
	xButton1 = 1
	xButton2 = 2
)

// The flags of KEYBDINPUT.
const (
	keyExtended = 0x0001
	keyUp       = 0x0002
	keyUnicode  = 0x0004
	keyScanCode = 0x0008
)

func mouseInput(dx, dy, data int32, flags uint32, mark uint64) input {
	return input{
		inputMouse,
		uint64(uint32(dx)) | uint64(uint32(dy))<<32,
		uint64(uint32(data)) | uint64(flags)<<32,
		0, // the time: Windows puts its own
		mark,
	}
}

func keyInput(vk, scan uint16, flags uint32, mark uint64) input {
	return input{
		inputKeyboard,
		uint64(vk) | uint64(scan)<<16 | uint64(flags)<<32,
		0,
		mark,
		0, // MOUSEINPUT is longer
	}
}

// moveInput puts the pointer on a pixel of the desk, which is the rectangle
// around all monitors. Windows wants the place in 65,536ths of the desk and
// rounds down: the middle of the pixel stays on it whatever the desk's size.
func moveInput(at image.Point, desk image.Rectangle, mark uint64) input {
	return mouseInput(share(at.X-desk.Min.X, desk.Dx()), share(at.Y-desk.Min.Y, desk.Dy()), 0,
		mouseMove|mouseAbsolute|mouseVirtualDesk, mark)
}

func share(pixel, of int) int32 {
	if of <= 0 {
		return 0
	}
	return int32((int64(pixel)*65536 + 32768) / int64(of))
}

// buttonInput presses or releases a button. Windows swaps left and right after
// SendInput for a person who has set the mouse so; swapped undoes that, because
// control.Left means the button that selects.
func buttonInput(b control.Button, down, swapped bool, mark uint64) (input, error) {
	if swapped {
		switch b {
		case control.Left:
			b = control.Right
		case control.Right:
			b = control.Left
		}
	}
	of := func(flagDown, flagUp uint32, data int32) (input, error) {
		if !down {
			flagDown = flagUp
		}
		return mouseInput(0, 0, data, flagDown, mark), nil
	}
	switch b {
	case control.Left:
		return of(mouseLeftDown, mouseLeftUp, 0)
	case control.Middle:
		return of(mouseMiddleDown, mouseMiddleUp, 0)
	case control.Right:
		return of(mouseRightDown, mouseRightUp, 0)
	case control.Back:
		return of(mouseXDown, mouseXUp, xButton1)
	case control.Forward:
		return of(mouseXDown, mouseXUp, xButton2)
	}
	return input{}, fmt.Errorf("button %d: %w", b, device.ErrUnsupported)
}

// wheelInputs turns the wheels, in 120ths of a notch: that is what WHEEL_DELTA
// counts, so nothing has to be added up. For Windows, up is positive.
func wheelInputs(right, down int, mark uint64) []input {
	var all []input
	if down != 0 {
		all = append(all, mouseInput(0, 0, -int32(down), mouseWheel, mark))
	}
	if right != 0 {
		all = append(all, mouseInput(0, 0, int32(right), mouseHWheel, mark))
	}
	return all
}
