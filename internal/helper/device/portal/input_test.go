//go:build linux

package portal_test

import (
	"image"
	"testing"

	"github.com/godbus/dbus/v5"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

const (
	keyA       control.Key = 0x04
	keyE       control.Key = 0x08
	keyQ       control.Key = 0x14
	keyY       control.Key = 0x1c
	keyQuote   control.Key = 0x34
	keyF12     control.Key = 0x45
	keyUnnamed control.Key = 0x66
)

func TestPointer(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	f.took()
	wantCalls(t, f, d.Move(image.Pt(100, 200)), "move 41: 100 200")
	wantCalls(t, f, d.Move(image.Pt(2000, 400)), "move 42: 80 40")
	// Outside: left of everything, below the first, and above the second.
	wantCalls(t, f, d.Move(image.Pt(-50, 20)), "move 41: 0 20")
	wantCalls(t, f, d.Move(image.Pt(500, 5000)), "move 41: 500 1079")
	wantCalls(t, f, d.Move(image.Pt(3000, 100)), "move 42: 1080 0")
	wantCalls(t, f, d.Button(control.Left, true), "button 0x110 1")
	wantCalls(t, f, d.Button(control.Left, false), "button 0x110 0")
	wantCalls(t, f, d.Button(control.Middle, true), "button 0x112 1")
	wantCalls(t, f, d.Wheel(0, 240), "discrete 0: 2")
	wantCalls(t, f, d.Wheel(-120, -120), "discrete 0: -1", "discrete 1: -1")
	wantCalls(t, f, d.Wheel(0, 30), "axis 0 2.5")
	wantCalls(t, f, d.Wheel(-60, 120), "axis -5 10")
	wantCalls(t, f, d.Wheel(0, 0))
	if err := d.Button(9, true); err == nil {
		t.Error("a button that there is not was pressed")
	}
}

// Monitors whose place isn't known get one each.
func TestPlacelessMonitors(t *testing.T) {
	f := newFake(t)
	for _, s := range f.streams {
		delete(s.Properties, "position")
	}
	d := open(t, f.serve())
	f.took()
	wantCalls(t, f, d.Move(image.Pt(100, 100)), "move 41: 100 100")
	wantCalls(t, f, d.Move(image.Pt(1930, 100)), "move 42: 10 100")
}

func TestSizelessMonitor(t *testing.T) {
	f := newFake(t)
	f.streams = []fakeStream{{41, vardict{"source_type": dbus.MakeVariant(uint32(1))}}}
	wantOpenError(t, f.serve(), "how large")
}

func TestKeys(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	f.took()
	press := func(k control.Key, char rune, down bool) error {
		return d.Key(device.Press{Key: k, Char: char, Down: down})
	}
	// By place: keys that make no character, and those that say none.
	wantCalls(t, f, press(keyF12, 0, true), "code 88 1")
	wantCalls(t, f, press(keyF12, 0, true)) // the computer repeats by itself
	wantCalls(t, f, press(keyF12, 0, false), "code 88 0")
	wantCalls(t, f, press(keyF12, 0, false)) // isn't down
	wantCalls(t, f, press(control.KeyEnter, '\r', true), "code 28 1")
	wantCalls(t, f, press(control.KeyEnter, '\r', false), "code 28 0")
	// By character: a German's Ctrl+Z, from the place of an American's Y. What
	// it is released with doesn't matter.
	wantCalls(t, f, press(control.KeyControlLeft, 0, true), "code 29 1")
	wantCalls(t, f, press(keyY, 'z', true), "sym 0x7a 1")
	wantCalls(t, f, press(keyY, 0, false), "sym 0x7a 0")
	// A shortcut with what the layout may not have goes by place.
	wantCalls(t, f, press(keyY, 'я', true), "code 21 1")
	wantCalls(t, f, press(keyY, 'я', false), "code 21 0")
	wantCalls(t, f, press(control.KeyControlLeft, 0, false), "code 29 0")
	wantCalls(t, f, press(keyY, 'я', true), "sym 0x6d1 1")
	wantCalls(t, f, press(keyY, 'я', false), "sym 0x6d1 0")
	// A capital by Caps Lock: the compositor presses Shift, and not for long.
	wantCalls(t, f, press(keyA, 'A', true), "sym 0x41 1", "sym 0x41 0")
	wantCalls(t, f, press(keyA, 'A', true), "sym 0x41 1", "sym 0x41 0") // repeated
	wantCalls(t, f, press(keyA, 'A', false))
	if err := press(keyUnnamed, 0, true); err == nil {
		t.Error("a key that there is not was pressed")
	}
}

func TestShiftAndAltGr(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	f.took()
	press := func(k control.Key, char rune, down bool) error {
		return d.Key(device.Press{Key: k, Char: char, Down: down})
	}
	wantCalls(t, f, press(control.KeyShiftLeft, 0, true), "code 42 1")
	// A capital is the letter's key, with the Shift that is down.
	wantCalls(t, f, press(keyA, 'A', true), "sym 0x61 1")
	wantCalls(t, f, press(keyA, 'A', false), "sym 0x61 0")
	// Another layout may have the quote without Shift, or with AltGr.
	wantCalls(t, f, press(keyQuote, '"', true), "code 42 0", "sym 0x22 1", "sym 0x22 0", "code 42 1")
	wantCalls(t, f, press(keyQuote, '"', false))
	// Shift and Caps Lock make a small letter.
	wantCalls(t, f, press(keyA, 'a', true), "code 42 0", "sym 0x61 1", "sym 0x61 0", "code 42 1")
	wantCalls(t, f, press(keyA, 'a', false))
	// A shortcut keeps its Shift.
	wantCalls(t, f, press(control.KeyAltLeft, 0, true), "code 56 1")
	wantCalls(t, f, press(keyA, 'a', true), "sym 0x61 1")
	wantCalls(t, f, press(keyA, 'a', false), "sym 0x61 0")
	wantCalls(t, f, press(control.KeyAltLeft, 0, false), "code 56 0")
	wantCalls(t, f, press(control.KeyShiftLeft, 0, false), "code 42 0")

	wantCalls(t, f, press(control.KeyAltRight, 0, true), "code 100 1")
	wantCalls(t, f, press(keyQ, '@', true), "code 100 0", "sym 0x40 1", "sym 0x40 0", "code 100 1")
	wantCalls(t, f, press(keyE, '€', true), "code 100 0", "sym 0x20ac 1", "sym 0x20ac 0", "code 100 1")
	wantCalls(t, f, press(keyA, 'a', true), "sym 0x61 1") // meant as Alt
	wantCalls(t, f, press(keyA, 'a', false), "sym 0x61 0")
	wantCalls(t, f, press(control.KeyAltRight, 0, false), "code 100 0")
}

func TestText(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	f.took()
	wantCalls(t, f, d.Text("aΩς😀\r\n\t\x1bü"),
		"sym 0x61 1", "sym 0x61 0", "sym 0x7d9 1", "sym 0x7d9 0", "sym 0x7f3 1", "sym 0x7f3 0",
		"sym 0x101f600 1", "sym 0x101f600 0", "sym 0xff0d 1", "sym 0xff0d 0", "sym 0xff09 1", "sym 0xff09 0",
		"sym 0xfc 1", "sym 0xfc 0")
	for _, k := range []control.Key{control.KeyControlLeft, control.KeyShiftRight} {
		if err := d.Key(device.Press{Key: k, Down: true}); err != nil {
			t.Fatal(err)
		}
	}
	f.took()
	wantCalls(t, f, d.Text("x"), "code 29 0", "code 54 0", "sym 0x78 1", "sym 0x78 0", "code 29 1", "code 54 1")
}
