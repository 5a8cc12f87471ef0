package win32

import (
	"errors"
	"slices"
	"testing"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// A testLayout has a few keys, and a virtual key for A.
type testLayout map[rune]uint16

func (l testLayout) key(c rune) (stroke, bool) {
	scan, ok := l[c]
	return stroke{scan: scan, vk: uint16(c)}, ok
}

func (l testLayout) virtual(scan uint16) uint16 {
	if scan == 0x1e {
		return 'A'
	}
	return 0
}

var german = testLayout{'z': 0x15, 'y': 0x2c, 'a': 0x1e, 'ö': 0x27, '1': 0x02}

const (
	keyA control.Key = 0x04
	keyY control.Key = 0x1c
	keyZ control.Key = 0x1d
)

func TestPress(t *testing.T) {
	for _, test := range []struct {
		name  string
		press device.Press
		want  stroke
	}{
		{"by place", device.Press{Key: keyZ}, stroke{scan: 0x2c}},
		{"by place, with a virtual key", device.Press{Key: keyA}, stroke{scan: 0x1e, vk: 'A'}},
		{"by character", device.Press{Key: keyZ, Char: 'z'}, stroke{scan: 0x15, vk: 'z'}},
		{"by character in upper case", device.Press{Key: keyZ, Char: 'Z'}, stroke{scan: 0x15, vk: 'z'}},
		{"by character that needs a shift state", device.Press{Key: keyZ, Char: '/'}, stroke{scan: 0x2c}},
		{"a modifier, whatever it makes", device.Press{Key: control.KeyShiftLeft, Char: 'z'}, stroke{scan: 0x2a}},
		{"the keypad's 1 stays on it", device.Press{Key: keyNumpad1, Char: '1'}, stroke{scan: 0x4f}},
	} {
		k := newKeyboard(mark)
		down, err := k.press(test.press, german)
		if err != nil || down != test.want.down(mark) {
			t.Errorf("%s: %v, %s", test.name, err, bytesOf(down))
		}
	}
	if _, err := newKeyboard(mark).press(device.Press{Key: 0xff}, german); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("a key that doesn't exist: %v", err)
	}
}

func TestReleaseMatchesPress(t *testing.T) {
	k := newKeyboard(mark)
	if _, ok := k.release(keyZ); ok {
		t.Error("what isn't pressed can be released")
	}
	if _, err := k.press(device.Press{Key: keyZ, Char: 'z'}, german); err != nil {
		t.Fatal(err)
	}
	again, err := k.press(device.Press{Key: keyZ, Char: 'z'}, testLayout{}) // another layout by now
	if want := (stroke{scan: 0x15, vk: 'z'}).down(mark); err != nil || again != want {
		t.Errorf("repeated: %v, %s", err, bytesOf(again))
	}
	for range 2 { // as long as it isn't known to have arrived
		up, ok := k.release(keyZ)
		if want := (stroke{scan: 0x15, vk: 'z'}).up(mark); !ok || up != want {
			t.Errorf("released: %v, %s", ok, bytesOf(up))
		}
	}
	k.forget(keyZ)
	if _, ok := k.release(keyZ); ok {
		t.Error("forgotten, but held")
	}
}

// TestOwed lets go of Shift where the release may not arrive.
func TestOwed(t *testing.T) {
	k := newKeyboard(mark)
	if _, err := k.press(device.Press{Key: control.KeyShiftLeft, Down: true}, german); err != nil {
		t.Fatal(err)
	}
	if up := k.overdue(); up != nil {
		t.Errorf("owed while held: %s", bytesOf(up...))
	}
	k.release(control.KeyShiftLeft)
	if lift, again := k.lift(); lift != nil || again != nil {
		t.Error("pressed again after it was let go of")
	}
	if up := k.overdue(); !slices.Equal(up, []input{stroke{scan: 0x2a}.up(mark)}) {
		t.Errorf("owed: %s", bytesOf(up...))
	}
	k.forget(control.KeyShiftLeft)
	if up := k.overdue(); up != nil {
		t.Errorf("owed after it arrived: %s", bytesOf(up...))
	}
}

func TestReserved(t *testing.T) {
	for _, test := range []struct {
		name string
		keys []control.Key
		want bool
	}{
		{"Ctrl+Alt+Del", []control.Key{control.KeyControlLeft, control.KeyAltLeft, control.KeyDelete}, true},
		{"in another order", []control.Key{control.KeyAltLeft, control.KeyControlRight, control.KeyDelete}, true},
		{"AltGr+Del", []control.Key{control.KeyAltRight, control.KeyDelete}, true},
		{"with the keypad", []control.Key{control.KeyControlLeft, control.KeyAltLeft, keyNumpadDecimal}, true},
		{"the person's keys to stop", []control.Key{control.KeyControlLeft, control.KeyAltLeft, control.KeyEnd}, true},
		{"Ctrl+Del", []control.Key{control.KeyControlLeft, control.KeyDelete}, false},
		{"Alt+End", []control.Key{control.KeyAltLeft, control.KeyEnd}, false},
		{"Ctrl+Alt+A", []control.Key{control.KeyControlLeft, control.KeyAltLeft, keyA}, false},
	} {
		k := newKeyboard(mark)
		var err error
		for _, key := range test.keys {
			if err != nil {
				t.Errorf("%s: %v too early", test.name, err)
			}
			_, err = k.press(device.Press{Key: key}, german)
		}
		if got := errors.Is(err, device.ErrReserved); got != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
		if _, held := k.release(test.keys[len(test.keys)-1]); held == test.want {
			t.Errorf("%s: the last key held: %v", test.name, held)
		}
	}
}

func TestBreak(t *testing.T) {
	k := newKeyboard(mark)
	if _, err := k.press(device.Press{Key: control.KeyControlRight}, german); err != nil {
		t.Fatal(err)
	}
	down, err := k.press(device.Press{Key: keyPause}, german)
	if want := strokeBreak.down(mark); err != nil || down != want {
		t.Errorf("%v, %s", err, bytesOf(down))
	}
}

func TestLift(t *testing.T) {
	ctrl, shift, alt := stroke{scan: 0x1d}, stroke{scan: 0x2a}, stroke{scan: 0x38}
	mask := []input{strokeNothing.down(mark), strokeNothing.up(mark)}
	for _, test := range []struct {
		name        string
		held        []control.Key
		lift, again []input
	}{
		{"nothing", nil, nil, nil},
		{"no modifier", []control.Key{keyA}, nil, nil},
		{"in the reverse order", []control.Key{control.KeyControlLeft, keyY, control.KeyShiftLeft},
			[]input{shift.up(mark), ctrl.up(mark)}, []input{ctrl.down(mark), shift.down(mark)}},
		{"Alt, without opening a menu", []control.Key{control.KeyAltLeft},
			slices.Concat(mask, []input{alt.up(mark)}), slices.Concat([]input{alt.down(mark)}, mask)},
	} {
		k := newKeyboard(mark)
		for _, key := range test.held {
			if _, err := k.press(device.Press{Key: key}, german); err != nil {
				t.Fatal(err)
			}
		}
		lift, again := k.lift()
		if !slices.Equal(lift, test.lift) || !slices.Equal(again, test.again) {
			t.Errorf("%s:\n%s\n%s", test.name, bytesOf(lift...), bytesOf(again...))
		}
		for _, key := range test.held {
			k.forget(key)
		}
		if lift, again := k.lift(); lift != nil || again != nil {
			t.Errorf("%s: forgotten, but lifted", test.name)
		}
	}
}
