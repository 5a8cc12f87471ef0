package macos

import (
	"image"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"deskside/internal/control"
)

func TestKeycodes(t *testing.T) {
	keys := control.Keys()
	// As HIToolbox's Events.h has them.
	for name, want := range map[string]uint16{
		"KeyA": 0x00, "KeyB": 0x0b, "KeyM": 0x2e, "KeyQ": 0x0c, "KeyY": 0x10, "KeyZ": 0x06,
		"Digit1": 0x12, "Digit5": 0x17, "Digit6": 0x16, "Digit9": 0x19, "Digit0": 0x1d,
		"Enter": 0x24, "Escape": 0x35, "Backspace": 0x33, "Tab": 0x30, "Space": 0x31, "Backslash": 0x2a,
		"Semicolon": 0x29, "Backquote": 0x32, "Slash": 0x2c, "F1": 0x7a, "F4": 0x76, "F5": 0x60, "F12": 0x6f,
		"Insert": 0x72, "Home": 0x73, "PageUp": 0x74, "Delete": 0x75, "End": 0x77, "PageDown": 0x79,
		"ArrowRight": 0x7c, "ArrowLeft": 0x7b, "ArrowDown": 0x7d, "ArrowUp": 0x7e,
		"NumLock": 0x47, "NumpadEnter": 0x4c, "Numpad1": 0x53, "Numpad7": 0x59, "Numpad8": 0x5b, "Numpad0": 0x52, "NumpadDecimal": 0x41,
		"NumpadEqual": 0x51, "IntlBackslash": 0x0a, "ContextMenu": 0x6e, "F13": 0x69, "F16": 0x6a, "F20": 0x5a,
		"IntlRo": 0x5e, "IntlYen": 0x5d, "Lang1": 0x68, "Lang2": 0x66,
		"ControlLeft": 0x3b, "MetaLeft": 0x37, "ControlRight": 0x3e, "ShiftRight": 0x3c, "AltRight": 0x3d, "MetaRight": 0x36,
	} {
		if got, ok := keycode(keys[name]); !ok || got != want {
			t.Errorf("%s: %#x, %v; want %#x", name, got, ok, want)
		}
	}
	// What a Mac has no key for, and what is another key there.
	none := []string{"F21", "F22", "F23", "F24", "KanaMode", "Convert", "NonConvert"}
	same := map[string]string{"PrintScreen": "F13", "ScrollLock": "F14", "Pause": "F15"}
	seen := make(map[uint16]string)
	for name, k := range keys {
		code, ok := keycode(k)
		if ok == slices.Contains(none, name) {
			t.Errorf("%s: %#x, %v", name, code, ok)
		}
		if other := same[name]; other != "" {
			if code != keycodes[keys[other]] {
				t.Errorf("%s is %#x, want %s", name, code, other)
			}
			continue
		}
		if other := seen[code]; ok && other != "" {
			t.Errorf("%s and %s are both %#x", name, other, code)
		}
		if ok {
			seen[code] = name
		}
	}
	for k := range keycodes {
		if k.Code() == "" {
			t.Errorf("usage %#x, which no key has, has a keycode", uint8(k))
		}
	}
}

func TestKeyFlags(t *testing.T) {
	keys := control.Keys()
	for name, k := range keys {
		var want uint64
		switch {
		case strings.HasPrefix(name, "Arrow"):
			want = flagFunction | flagNumpad
		case strings.HasPrefix(name, "Num"):
			want = flagNumpad
		case len(name) > 1 && name[0] == 'F',
			slices.Contains([]string{"PrintScreen", "ScrollLock", "Pause", "Insert", "Home", "PageUp", "Delete", "End", "PageDown", "ContextMenu"}, name):
			want = flagFunction
		}
		if code, ok := keycode(k); ok && keyFlags(code) != want {
			t.Errorf("%s: %#x, want %#x", name, keyFlags(code), want)
		}
	}
}

func TestSplit(t *testing.T) {
	long := strings.Repeat("a", 19) + "😀" + strings.Repeat("ß", 25) + "\r\n\tπ\x1b"
	var got []string
	for _, p := range split(long) {
		if len(p.text) > most {
			t.Errorf("a piece of %d units", len(p.text))
		}
		switch p.code {
		case vkReturn:
			got = append(got, "Return")
		case vkTab:
			got = append(got, "Tab")
		default:
			got = append(got, string(utf16.Decode(p.text)))
		}
	}
	want := []string{strings.Repeat("a", 19), "😀" + strings.Repeat("ß", 18), strings.Repeat("ß", 7), "Return", "Tab", "π"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := split(""); len(got) != 0 {
		t.Errorf("nothing is %v", got)
	}
}

func TestFlip(t *testing.T) {
	// On a main display of 900 points, and on one above it.
	for area, want := range map[image.Rectangle][4]float64{
		image.Rect(10, 20, 110, 70):     {10, 830, 100, 50},
		image.Rect(0, 0, 1440, 900):     {0, 0, 1440, 900},
		image.Rect(-50, -1080, 0, -980): {-50, 1880, 50, 100},
	} {
		x, y, w, h := flip(area, 900)
		if got := [4]float64{x, y, w, h}; got != want {
			t.Errorf("%v is %v, want %v", area, got, want)
		}
	}
}

func TestRemovable(t *testing.T) {
	for executable, want := range map[string]string{
		"/Users/eva/Downloads/Deskside.app/Contents/MacOS/deskside": "/Users/eva/Downloads/Deskside.app",
		"/Users/eva/Downloads/deskside":                             "/Users/eva/Downloads/deskside",
		"/Users/eva/Contents/MacOS/deskside":                        "/Users/eva/Contents/MacOS/deskside",
		"/Users/eva/X.app/MacOS/deskside":                           "/Users/eva/X.app/MacOS/deskside",
		"/deskside":                                                 "/deskside",
	} {
		if got := removable(executable); got != want {
			t.Errorf("%s: %s, want %s", executable, got, want)
		}
	}
}

func TestClipboardChanges(t *testing.T) {
	var c clipboard
	c.changed(7)
	if c.changed(7) {
		t.Error("nothing has changed")
	}
	if !c.changed(8) {
		t.Error("a change was missed")
	}
	c.own(func() int { return 10 })
	if c.changed(10) {
		t.Error("an own change was told of")
	}
	if !c.changed(11) {
		t.Error("a change after an own one was missed")
	}
}
