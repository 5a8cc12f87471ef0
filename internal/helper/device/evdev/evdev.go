// Package evdev names keys and buttons as Linux's input events do, which
// Wayland's compositors and X servers take them from: an X keycode is the
// evdev code plus 8.
package evdev

import "deskside/internal/control"

// Code returns the evdev code (KEY_… of linux/input-event-codes.h) of a
// physical key: the one that Linux itself gives for this usage of a USB
// keyboard. Every key that control names has one.
func Code(k control.Key) (uint16, bool) {
	code := codes[k]
	return code, code != 0
}

// Button returns the evdev code (BTN_…) of a button of the mouse.
func Button(b control.Button) (uint16, bool) {
	switch b {
	case control.Left:
		return 0x110, true
	case control.Right:
		return 0x111, true
	case control.Middle:
		return 0x112, true
	case control.Back:
		return 0x113, true // BTN_SIDE
	case control.Forward:
		return 0x114, true // BTN_EXTRA
	}
	return 0, false
}

// codes are in the order of usages; 0 is KEY_RESERVED, which no key has. The
// usages of control alone are in it.
var codes = [256]uint16{
	// A … Z
	0x04: 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44,
	// 1 … 9, 0
	0x1e: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	// Enter, Escape, Backspace, Tab, Space, Minus, Equal, BracketLeft, BracketRight, Backslash
	0x28: 28, 1, 14, 15, 57, 12, 13, 26, 27, 43,
	// Semicolon, Quote, Backquote, Comma, Period, Slash, CapsLock
	0x33: 39, 40, 41, 51, 52, 53, 58,
	// F1 … F12
	0x3a: 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 87, 88,
	// PrintScreen (KEY_SYSRQ), ScrollLock, Pause, Insert, Home, PageUp, Delete, End, PageDown
	0x46: 99, 70, 119, 110, 102, 104, 111, 107, 109,
	// ArrowRight, ArrowLeft, ArrowDown, ArrowUp
	0x4f: 106, 105, 108, 103,
	// NumLock, and the numpad's divide, multiply, subtract, add, Enter
	0x53: 69, 98, 55, 74, 78, 96,
	// Numpad1 … Numpad9, Numpad0, NumpadDecimal
	0x59: 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83,
	// IntlBackslash (KEY_102ND), ContextMenu (KEY_COMPOSE)
	0x64: 86, 127,
	// NumpadEqual
	0x67: 117,
	// F13 … F24
	0x68: 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194,
	// IntlRo, KanaMode (KEY_KATAKANAHIRAGANA), IntlYen, Convert, NonConvert
	0x87: 89, 93, 124, 92, 94,
	// Lang1 (KEY_HANGEUL), Lang2 (KEY_HANJA)
	0x90: 122, 123,
	// Control, Shift, Alt, Meta: left, then right
	0xe0: 29, 42, 56, 125, 97, 54, 100, 126,
}
