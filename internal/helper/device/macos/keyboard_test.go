package macos

import (
	"errors"
	"reflect"
	"testing"
	"unicode/utf16"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

const (
	keyA, keyC, keyE, keyQ, keyY control.Key = 0x04, 0x06, 0x08, 0x14, 0x1c
	keyUp1, keyF24, keyCapsLock  control.Key = 0x52, 0x73, 0x39
	digit2, numpad1              control.Key = 0x1f, 0x59
)

// german is a part of the German layout: Y and Z are swapped, the quote is on
// 2, and the at sign on L with Option. The grave accent's key is dead.
var german = newLayout(func(code uint16, modifiers uint32) []uint16 {
	made, ok := map[uint16]map[uint32]string{
		0x00:   {0x00: "a", 0x02: "A", 0x08: "å"},
		0x06:   {0x00: "y", 0x02: "Y"},
		0x10:   {0x00: "z", 0x02: "Z"},
		0x0e:   {0x00: "e", 0x02: "E", 0x08: "€"},
		0x12:   {0x00: "1", 0x02: "!"},
		0x13:   {0x00: "2", 0x02: "\""},
		0x18:   {0x00: "", 0x02: "`"},
		0x1e:   {0x00: "+", 0x02: "*"},
		0x25:   {0x00: "l", 0x02: "L", 0x08: "@"},
		0x53:   {0x00: "1", 0x02: "1", 0x08: "1"},
		0x31:   {0x00: " "},
		0x7e:   {0x00: "\x1e"},
		0x7a:   {0x00: "\x10"},
		vkTab:  {0x00: "\t"},
		0x77:   {0x00: "\uf72b"},
		0x0001: {0x00: "ss"},
	}[code]
	if !ok {
		return nil
	}
	return utf16.Encode([]rune(made[modifiers]))
})

func TestLayout(t *testing.T) {
	for r, want := range map[rune]layout{
		'a': {'a': {{0x00, 0}}}, 'A': {'A': {{0x00, flagShift}}}, '@': {'@': {{0x25, flagOption}}},
		'1': {'1': {{0x12, 0}, {0x53, 0}, {0x53, flagShift}, {0x53, flagOption}}}, '`': {'`': {{0x18, flagShift}}},
		' ': {' ': {{0x31, 0}}},
	} {
		if !reflect.DeepEqual(german[r], want[r]) {
			t.Errorf("%q is made by %v, want %v", r, german[r], want[r])
		}
	}
	for _, r := range "\x1e\x10\t\uf72bs" {
		if german[r] != nil {
			t.Errorf("%q is made by %v, want none", r, german[r])
		}
	}
	if s, ok := german.find('1', 0x53); !ok || s.code != 0x53 {
		t.Errorf("a numpad's 1 is made by %v, %v", s, ok)
	}
	if s, ok := german.find('1', 0x00); !ok || s.code != 0x12 {
		t.Errorf("a 1 is made by %v, %v", s, ok)
	}
}

// typist presses keys and compares the events.
type typist struct {
	*testing.T
	keyboard
}

func (t *typist) press(k control.Key, char rune, down bool, want ...event) {
	t.Helper()
	got, err := t.keyboard.press(device.Press{Key: k, Char: char, Down: down}, german)
	if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("key %#x, %q, down %v:\n\t%+v, %v; want\n\t%+v", k, char, down, got, err, want)
	}
}

func TestKeysByPlace(t *testing.T) {
	k := &typist{T: t}
	k.press(keyUp1, 0, true, event{kind: keyDown, code: 0x7e, flags: flagFunction | flagNumpad})
	k.press(keyUp1, 0, true, event{kind: keyDown, code: 0x7e, flags: flagFunction | flagNumpad, repeat: true})
	k.press(keyUp1, 0, false, event{kind: keyUp, code: 0x7e, flags: flagFunction | flagNumpad})
	k.press(keyUp1, 0, false)
	k.press(control.KeyEnter, '\r', true, event{kind: keyDown, code: vkReturn})
	k.press(control.KeyEnter, 0, false, event{kind: keyUp, code: vkReturn})
	if _, err := k.keyboard.press(device.Press{Key: keyF24, Down: true}, german); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("F24: %v, want ErrUnsupported", err)
	}
	if _, err := k.keyboard.press(device.Press{Key: keyCapsLock, Down: true}, german); !errors.Is(err, device.ErrReserved) {
		t.Errorf("Caps Lock: %v, want ErrReserved", err)
	}
	k.press(keyCapsLock, 0, false)
}

func TestModifiers(t *testing.T) {
	k := &typist{T: t}
	k.press(control.KeyShiftLeft, 0, true, event{kind: flagsChanged, code: 0x38, flags: 0x20002})
	k.press(control.KeyShiftLeft, 0, true)
	k.press(control.KeyShiftRight, 0, true, event{kind: flagsChanged, code: 0x3c, flags: 0x20006})
	k.press(control.KeyShiftLeft, 0, false, event{kind: flagsChanged, code: 0x38, flags: 0x20004})
	k.press(control.KeyMetaRight, 0, true, event{kind: flagsChanged, code: 0x36, flags: 0x120014})
	k.press(keyA, 0, true, event{kind: keyDown, code: 0x00, flags: 0x120014})
	k.press(control.KeyShiftRight, 0, false, event{kind: flagsChanged, code: 0x3c, flags: 0x100010})
	k.press(keyA, 0, false, event{kind: keyUp, code: 0x00, flags: 0x100010})
	k.press(control.KeyMetaRight, 0, false, event{kind: flagsChanged, code: 0x36})
}

func TestKeysByChar(t *testing.T) {
	k := &typist{T: t}
	// From an American's Y, which is a German's Z.
	k.press(keyY, 'y', true, event{kind: keyDown, code: 0x06})
	k.press(keyY, 0, false, event{kind: keyUp, code: 0x06})
	// An American's quote is Shift and another key; so is the at sign, but
	// here it takes Option.
	k.press(control.KeyShiftLeft, 0, true, event{kind: flagsChanged, code: 0x38, flags: flagShift})
	k.press(keyA, 'A', true, event{kind: keyDown, code: 0x00, flags: flagShift})
	k.press(keyA, 'A', false, event{kind: keyUp, code: 0x00, flags: flagShift})
	k.press(digit2, '@', true, event{kind: keyDown, code: 0x25, flags: flagOption})
	k.press(digit2, '@', false, event{kind: keyUp, code: 0x25, flags: flagOption})
	k.press(digit2, '+', true, event{kind: keyDown, code: 0x1e})
	k.press(digit2, '+', false, event{kind: keyUp, code: 0x1e})
	// Shift and Caps Lock.
	k.press(keyA, 'a', true, event{kind: keyDown, code: 0x00})
	k.press(keyA, 'a', false, event{kind: keyUp, code: 0x00})
	k.press(control.KeyShiftLeft, 0, false, event{kind: flagsChanged, code: 0x38})
	// AltGr.
	k.press(control.KeyAltRight, 0, true, event{kind: flagsChanged, code: 0x3d, flags: 0x80040})
	k.press(keyQ, '@', true, event{kind: keyDown, code: 0x25, flags: flagOption})
	k.press(keyQ, '@', false, event{kind: keyUp, code: 0x25, flags: flagOption})
	k.press(keyA, 'a', true, event{kind: keyDown, code: 0x00, flags: 0x80040})
	k.press(keyA, 'a', false, event{kind: keyUp, code: 0x00, flags: 0x80040})
	k.press(control.KeyAltRight, 0, false, event{kind: flagsChanged, code: 0x3d})
	// What the layout lacks is given along, or goes by its place.
	k.press(keyC, 'ψ', true, event{kind: keyDown, code: 0x08, text: []uint16{0x3c8}})
	k.press(keyC, 'ψ', false, event{kind: keyUp, code: 0x08, text: []uint16{0x3c8}})
	k.press(keyF24, '😀', true, event{kind: keyDown, text: []uint16{0xd83d, 0xde00}})
	k.press(keyF24, '😀', false, event{kind: keyUp, text: []uint16{0xd83d, 0xde00}})
	k.press(numpad1, '1', true, event{kind: keyDown, code: 0x53, flags: flagNumpad})
	k.press(numpad1, '1', false, event{kind: keyUp, code: 0x53, flags: flagNumpad})
}

func TestShortcuts(t *testing.T) {
	k := &typist{T: t}
	k.press(control.KeyMetaLeft, 0, true, event{kind: flagsChanged, code: 0x37, flags: flagCommand})
	k.press(keyY, 'z', true, event{kind: keyDown, code: 0x10, flags: flagCommand})
	k.press(keyY, 'z', false, event{kind: keyUp, code: 0x10, flags: flagCommand})
	k.press(keyC, 'ψ', true, event{kind: keyDown, code: 0x08, flags: flagCommand})
	k.press(keyC, 'ψ', false, event{kind: keyUp, code: 0x08, flags: flagCommand})
	k.press(control.KeyShiftLeft, 0, true, event{kind: flagsChanged, code: 0x38, flags: flagCommand | flagShift})
	k.press(keyY, 'Z', true, event{kind: keyDown, code: 0x10, flags: flagCommand | flagShift})
	k.press(keyY, 'Z', false, event{kind: keyUp, code: 0x10, flags: flagCommand | flagShift})
	k.press(digit2, '+', true, event{kind: keyDown, code: 0x1e, flags: flagCommand})
	k.press(digit2, '+', false, event{kind: keyUp, code: 0x1e, flags: flagCommand})
	k.press(control.KeyMetaLeft, 0, false, event{kind: flagsChanged, code: 0x37, flags: flagShift})
	k.press(control.KeyShiftLeft, 0, false, event{kind: flagsChanged, code: 0x38})

	// Caps Lock isn't Shift.
	k.press(control.KeyControlLeft, 0, true, event{kind: flagsChanged, code: 0x3b, flags: flagControl})
	k.press(keyA, 'A', true, event{kind: keyDown, code: 0x00, flags: flagControl})
	k.press(keyA, 'A', false, event{kind: keyUp, code: 0x00, flags: flagControl})
	k.press(control.KeyControlLeft, 0, false, event{kind: flagsChanged, code: 0x3b})
}

func TestText(t *testing.T) {
	var k keyboard
	want := []event{
		{kind: keyDown, text: []uint16{'h', 'i'}}, {kind: keyUp, text: []uint16{'h', 'i'}},
		{kind: keyDown, code: vkReturn}, {kind: keyUp, code: vkReturn},
	}
	if got := k.text("hi\n"); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, m := range []control.Key{control.KeyControlLeft, control.KeyShiftRight} {
		if _, err := k.press(device.Press{Key: m, Down: true}, nil); err != nil {
			t.Fatal(err)
		}
	}
	want = []event{
		{kind: flagsChanged, code: 0x3c, flags: flagControl}, {kind: flagsChanged, code: 0x3b},
		{kind: keyDown, text: []uint16{'x'}}, {kind: keyUp, text: []uint16{'x'}},
		{kind: flagsChanged, code: 0x3b, flags: flagControl}, {kind: flagsChanged, code: 0x3c, flags: flagControl | 0x20004},
	}
	if got := k.text("x"); !reflect.DeepEqual(got, want) {
		t.Errorf("with modifiers down: %+v, want %+v", got, want)
	}
	if got := k.flags(); got != flagControl|0x20004 {
		t.Errorf("afterwards the flags are %#x", got)
	}
}
