package control

// A Key is a physical key by its place: its usage on the Keyboard/Keypad page
// (0x07) of the HID Usage Tables for USB 1.5, which the W3C's
// KeyboardEvent.code values correspond to one by one.
type Key uint8

// A Button is a button of the mouse, numbered as in the W3C's MouseEvent.button.
type Button uint8

// The buttons.
const (
	Left Button = iota
	Middle
	Right
	Back
	Forward
)

// The keys that the code speaks of by name.
const (
	KeyEnter        Key = 0x28
	KeyTab          Key = 0x2b
	KeyEnd          Key = 0x4d
	KeyDelete       Key = 0x4c
	KeyControlLeft  Key = 0xe0
	KeyShiftLeft    Key = 0xe1
	KeyAltLeft      Key = 0xe2
	KeyMetaLeft     Key = 0xe3
	KeyControlRight Key = 0xe4
	KeyShiftRight   Key = 0xe5
	KeyAltRight     Key = 0xe6
	KeyMetaRight    Key = 0xe7
)

// Modifier says whether the key only changes what others do.
func (k Key) Modifier() bool { return k >= KeyControlLeft && k <= KeyMetaRight }

// Code returns the key's name in the W3C's UI Events KeyboardEvent code Values;
// it is empty for a key that has none.
func (k Key) Code() string { return codes[k] }

// Keys returns all keys that have a name, with it.
func Keys() map[string]Key {
	keys := make(map[string]Key, len(codes))
	for k, code := range codes {
		keys[code] = k
	}
	return keys
}

var codes = map[Key]string{
	0x04: "KeyA", 0x05: "KeyB", 0x06: "KeyC", 0x07: "KeyD", 0x08: "KeyE", 0x09: "KeyF", 0x0a: "KeyG", 0x0b: "KeyH",
	0x0c: "KeyI", 0x0d: "KeyJ", 0x0e: "KeyK", 0x0f: "KeyL", 0x10: "KeyM", 0x11: "KeyN", 0x12: "KeyO", 0x13: "KeyP",
	0x14: "KeyQ", 0x15: "KeyR", 0x16: "KeyS", 0x17: "KeyT", 0x18: "KeyU", 0x19: "KeyV", 0x1a: "KeyW", 0x1b: "KeyX",
	0x1c: "KeyY", 0x1d: "KeyZ",
	0x1e: "Digit1", 0x1f: "Digit2", 0x20: "Digit3", 0x21: "Digit4", 0x22: "Digit5",
	0x23: "Digit6", 0x24: "Digit7", 0x25: "Digit8", 0x26: "Digit9", 0x27: "Digit0",
	KeyEnter: "Enter", 0x29: "Escape", 0x2a: "Backspace", KeyTab: "Tab", 0x2c: "Space", 0x2d: "Minus", 0x2e: "Equal",
	0x2f: "BracketLeft", 0x30: "BracketRight", 0x31: "Backslash", 0x33: "Semicolon", 0x34: "Quote", 0x35: "Backquote",
	0x36: "Comma", 0x37: "Period", 0x38: "Slash", 0x39: "CapsLock",
	0x3a: "F1", 0x3b: "F2", 0x3c: "F3", 0x3d: "F4", 0x3e: "F5", 0x3f: "F6",
	0x40: "F7", 0x41: "F8", 0x42: "F9", 0x43: "F10", 0x44: "F11", 0x45: "F12",
	0x46: "PrintScreen", 0x47: "ScrollLock", 0x48: "Pause", 0x49: "Insert", 0x4a: "Home", 0x4b: "PageUp",
	KeyDelete: "Delete", KeyEnd: "End", 0x4e: "PageDown",
	0x4f: "ArrowRight", 0x50: "ArrowLeft", 0x51: "ArrowDown", 0x52: "ArrowUp",
	0x53: "NumLock", 0x54: "NumpadDivide", 0x55: "NumpadMultiply", 0x56: "NumpadSubtract", 0x57: "NumpadAdd",
	0x58: "NumpadEnter", 0x59: "Numpad1", 0x5a: "Numpad2", 0x5b: "Numpad3", 0x5c: "Numpad4", 0x5d: "Numpad5",
	0x5e: "Numpad6", 0x5f: "Numpad7", 0x60: "Numpad8", 0x61: "Numpad9", 0x62: "Numpad0", 0x63: "NumpadDecimal",
	0x64: "IntlBackslash", 0x65: "ContextMenu", 0x67: "NumpadEqual",
	0x68: "F13", 0x69: "F14", 0x6a: "F15", 0x6b: "F16", 0x6c: "F17", 0x6d: "F18",
	0x6e: "F19", 0x6f: "F20", 0x70: "F21", 0x71: "F22", 0x72: "F23", 0x73: "F24",
	0x87: "IntlRo", 0x88: "KanaMode", 0x89: "IntlYen", 0x8a: "Convert", 0x8b: "NonConvert", 0x90: "Lang1", 0x91: "Lang2",
	KeyControlLeft: "ControlLeft", KeyShiftLeft: "ShiftLeft", KeyAltLeft: "AltLeft", KeyMetaLeft: "MetaLeft",
	KeyControlRight: "ControlRight", KeyShiftRight: "ShiftRight", KeyAltRight: "AltRight", KeyMetaRight: "MetaRight",
}
