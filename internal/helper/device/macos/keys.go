package macos

import "deskside/internal/control"

// The virtual keycodes that the code speaks of by name (kVK_…).
const (
	vkReturn   uint16 = 0x24
	vkTab      uint16 = 0x30
	vkCapsLock uint16 = 0x39
	vkEnd      uint16 = 0x77
)

// Flags of an event (CGEventFlags): which modifiers are down, and of what kind
// its key is. The lowest bits tell left from right.
const (
	flagShift    = 0x00020002
	flagControl  = 0x00040001
	flagOption   = 0x00080020
	flagCommand  = 0x00100008
	flagNumpad   = 0x00200000
	flagFunction = 0x00800000

	maskControl = 0x00040000
	maskOption  = 0x00080000
)

// modifierFlags are what a modifier that is down adds to events.
var modifierFlags = map[control.Key]uint64{
	control.KeyShiftLeft:    flagShift,
	control.KeyControlLeft:  flagControl,
	control.KeyAltLeft:      flagOption,
	control.KeyMetaLeft:     flagCommand,
	control.KeyShiftRight:   0x00020004,
	control.KeyControlRight: 0x00042000,
	control.KeyAltRight:     0x00080040,
	control.KeyMetaRight:    0x00100010,
}

// keycode returns the virtual keycode (kVK_…) of a physical key, as macOS gives
// it for this usage of a USB keyboard. A Mac has no F21 to F24, and none of the
// keys for Japanese but Eisu, Kana, Yen and the underscore.
func keycode(k control.Key) (uint16, bool) {
	code, ok := keycodes[k]
	return code, ok
}

// keyFlags returns what the key itself adds to its events, by which programs
// tell an arrow from a character.
func keyFlags(code uint16) uint64 {
	switch {
	case code >= 0x7b && code <= 0x7e: // arrows
		return flagFunction | flagNumpad
	case code >= 0x41 && code <= 0x5c && code != 0x48 && code != 0x49 && code != 0x4a &&
		code != 0x40 && code != 0x4f && code != 0x50 && code != 0x5a: // the numpad, without F17 to F20 in between
		return flagNumpad
	case code == 0x40, code == 0x4f, code == 0x50, code == 0x5a, // F17 to F20
		code >= 0x60 && code <= 0x65, code == 0x67, code >= 0x69 && code <= 0x7a: // F1 to F16, Help, Home, End …
		return flagFunction
	}
	return 0
}

// rows of usages that follow each other.
var keycodeRows = map[control.Key][]uint16{
	// A … Z
	0x04: {0x00, 0x0b, 0x08, 0x02, 0x0e, 0x03, 0x05, 0x04, 0x22, 0x26, 0x28, 0x25, 0x2e, 0x2d, 0x1f, 0x23, 0x0c, 0x0f, 0x01, 0x11, 0x20, 0x09, 0x0d, 0x07, 0x10, 0x06},
	// 1 … 9, 0
	0x1e: {0x12, 0x13, 0x14, 0x15, 0x17, 0x16, 0x1a, 0x1c, 0x19, 0x1d},
	// Enter, Escape, Backspace, Tab, Space, Minus, Equal, BracketLeft, BracketRight, Backslash
	0x28: {vkReturn, 0x35, 0x33, vkTab, 0x31, 0x1b, 0x18, 0x21, 0x1e, 0x2a},
	// Semicolon, Quote, Backquote, Comma, Period, Slash, CapsLock
	0x33: {0x29, 0x27, 0x32, 0x2b, 0x2f, 0x2c, vkCapsLock},
	// F1 … F12
	0x3a: {0x7a, 0x78, 0x63, 0x76, 0x60, 0x61, 0x62, 0x64, 0x65, 0x6d, 0x67, 0x6f},
	// PrintScreen, ScrollLock and Pause, which are F13 to F15; Insert, which is
	// Help; Home, PageUp, Delete, End, PageDown
	0x46: {0x69, 0x6b, 0x71, 0x72, 0x73, 0x74, 0x75, vkEnd, 0x79},
	// ArrowRight, ArrowLeft, ArrowDown, ArrowUp
	0x4f: {0x7c, 0x7b, 0x7d, 0x7e},
	// NumLock, which is Clear, and the numpad's divide, multiply, subtract, add, Enter
	0x53: {0x47, 0x4b, 0x43, 0x4e, 0x45, 0x4c},
	// Numpad1 … Numpad9, Numpad0, NumpadDecimal
	0x59: {0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5b, 0x5c, 0x52, 0x41},
	// IntlBackslash, ContextMenu
	0x64: {0x0a, 0x6e},
	// NumpadEqual, F13 … F20
	0x67: {0x51, 0x69, 0x6b, 0x71, 0x6a, 0x40, 0x4f, 0x50, 0x5a},
	// IntlRo; IntlYen; Lang1 (Kana) and Lang2 (Eisu)
	0x87: {0x5e},
	0x89: {0x5d},
	0x90: {0x68, 0x66},
	// Control, Shift, Alt, Meta: left, then right
	0xe0: {0x3b, 0x38, 0x3a, 0x37, 0x3e, 0x3c, 0x3d, 0x36},
}

var keycodes = func() map[control.Key]uint16 {
	codes := make(map[control.Key]uint16)
	for first, row := range keycodeRows {
		for i, code := range row {
			codes[first+control.Key(i)] = code
		}
	}
	return codes
}()
