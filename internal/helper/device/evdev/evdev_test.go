package evdev_test

import (
	"testing"

	"deskside/internal/control"
	"deskside/internal/helper/device/evdev"
)

func TestCode(t *testing.T) {
	keys := control.Keys()
	// The last one of each row of the table, and those that Linux calls
	// otherwise, as linux/input-event-codes.h has them.
	for name, want := range map[string]uint16{
		"KeyA": 30, "KeyQ": 16, "KeyZ": 44, "Digit1": 2, "Digit0": 11, "Enter": 28, "Backslash": 43, "CapsLock": 58,
		"F1": 59, "F10": 68, "F12": 88, "PrintScreen": 99, "Pause": 119, "Delete": 111, "End": 107, "PageDown": 109,
		"ArrowUp": 103, "NumLock": 69, "NumpadEnter": 96, "Numpad7": 71, "Numpad0": 82, "NumpadDecimal": 83,
		"IntlBackslash": 86, "ContextMenu": 127, "NumpadEqual": 117, "F13": 183, "F24": 194,
		"IntlRo": 89, "KanaMode": 93, "IntlYen": 124, "Convert": 92, "NonConvert": 94, "Lang1": 122, "Lang2": 123,
		"ControlLeft": 29, "MetaLeft": 125, "ControlRight": 97, "AltRight": 100, "MetaRight": 126,
	} {
		if got, ok := evdev.Code(keys[name]); !ok || got != want {
			t.Errorf("%s: %d, %v; want %d", name, got, ok, want)
		}
	}
}

func TestCodeOfEveryKey(t *testing.T) {
	named := control.Keys()
	seen := make(map[uint16]string)
	for name, k := range named {
		code, ok := evdev.Code(k)
		if !ok {
			t.Errorf("%s has no code", name)
			continue
		}
		if other, twice := seen[code]; twice {
			t.Errorf("%s and %s are both %d", name, other, code)
		}
		seen[code] = name
	}
	for k := range 256 {
		if code, ok := evdev.Code(control.Key(k)); ok && control.Key(k).Code() == "" {
			t.Errorf("usage %#x, which no key has, is %d", k, code)
		}
	}
}

func TestButton(t *testing.T) {
	for b, want := range map[control.Button]uint16{
		control.Left: 0x110, control.Right: 0x111, control.Middle: 0x112, control.Back: 0x113, control.Forward: 0x114,
	} {
		if got, ok := evdev.Button(b); !ok || got != want {
			t.Errorf("button %d: %#x, %v; want %#x", b, got, ok, want)
		}
	}
	if got, ok := evdev.Button(5); ok {
		t.Errorf("button 5 is %#x, want none", got)
	}
}
