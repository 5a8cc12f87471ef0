//go:build wine && windows

package win32

import (
	"errors"
	"image"
	"strings"
	"testing"
	"time"
	"unsafe"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

func TestWinePointer(t *testing.T) {
	c := open(t)
	monitors, err := c.Monitors()
	if err != nil || len(monitors) == 0 || monitors[0].Area.Empty() {
		t.Fatalf("%v, %v", monitors, err)
	}
	t.Logf("%v, keys to stop: %q", monitors, c.StopKeys())
	area := monitors[0].Area
	for _, test := range []struct{ to, want image.Point }{
		{image.Pt(0, 0), image.Pt(0, 0)},
		{image.Pt(333, 222), image.Pt(333, 222)},
		{area.Max, area.Max.Sub(image.Pt(1, 1))},
		{image.Pt(-500, 7), image.Pt(0, 7)},
		{image.Pt(641, 479), image.Pt(641, 479)},
	} {
		if err := c.Move(test.to); err != nil {
			t.Errorf("%v: %v", test.to, err)
		}
		time.Sleep(20 * time.Millisecond)
		if at, err := pointer(); err != nil || at != test.want {
			t.Errorf("moved to %v: at %v, %v", test.to, at, err)
		}
	}
}

func TestWineKeys(t *testing.T) {
	c := open(t)
	field := notepad(t, c)
	press := func(keys ...device.Press) {
		t.Helper()
		for _, p := range keys {
			if err := c.Key(p); err != nil {
				t.Errorf("%+v: %v", p, err)
			}
		}
	}
	both := func(k control.Key, char rune) []device.Press {
		return []device.Press{{Key: k, Char: char, Down: true}, {Key: k}}
	}

	for _, text := range []string{"Grüße 😀", "Ελλάδα Київ 漢字\n\tsecond line", strings.Repeat("0123456789", 100)} {
		if err := c.Text(text); err != nil {
			t.Error(err)
		}
		want(t, field, text)
	}

	press(both(keyA, 0)...)
	press(device.Press{Key: control.KeyShiftLeft, Down: true})
	press(both(keyA, 'A')...)
	if err := c.Text("ab"); err != nil { // Shift is held
		t.Error(err)
	}
	press(both(keyA, 'A')...)
	press(device.Press{Key: control.KeyShiftLeft})
	press(both(keyY, 'z')...) // the agent's layout has z there
	press(both(keyNumpad1, '1')...)
	press(both(control.KeyEnter, 0)...)
	press(both(control.KeyDelete, 0)...)
	// The keypad's 1 is 1 or End, as Num Lock is.
	eventually(t, "keys", func() bool {
		return strings.ReplaceAll(content(field), "1", "") == "aAabAz\n"
	})
	empty(field)

	// Select all and copy, by shortcut.
	if err := c.Text("copied"); err != nil {
		t.Error(err)
	}
	eventually(t, "text", func() bool { return content(field) == "copied" })
	press(device.Press{Key: control.KeyControlLeft, Down: true})
	press(both(keyA, 'a')...)
	press(both(0x06, 'c')...)
	press(device.Press{Key: control.KeyControlLeft})
	eventually(t, "a copy", func() bool {
		got, err := c.Clipboard(100)
		return err == nil && got.Text == "copied"
	})
	if all := happened(c); all[device.Acted] != 0 || all[device.ClipboardChanged] == 0 {
		t.Errorf("events: %v", all)
	}

	press(device.Press{Key: control.KeyControlLeft, Down: true}, device.Press{Key: control.KeyAltLeft, Down: true})
	for _, key := range []control.Key{control.KeyDelete, control.KeyEnd} {
		if err := c.Key(device.Press{Key: key, Down: true}); !errors.Is(err, device.ErrReserved) {
			t.Errorf("key %#x: %v", key, err)
		}
	}
	press(device.Press{Key: control.KeyAltLeft}, device.Press{Key: control.KeyControlLeft})
	if all := happened(c); all[device.Acted]+all[device.StopPressed] != 0 {
		t.Errorf("events: %v", all)
	}
}

// TestWineMouse selects a word by double click, and types over it.
func TestWineMouse(t *testing.T) {
	c := open(t)
	field := notepad(t, c)
	if err := c.Text("wordwordword"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "text", func() bool { return content(field) == "wordwordword" })
	corner := new(point)
	_, _, _ = user32.NewProc("ClientToScreen").Call(field, uintptr(unsafe.Pointer(corner)))
	move(t, c, image.Pt(int(corner.x)+20, int(corner.y)+8))
	for range 2 {
		for _, down := range []bool{true, false} {
			if err := c.Button(control.Left, down); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wheel(120, 240); err != nil {
		t.Error(err)
	}
	time.Sleep(200 * time.Millisecond)
	if err := c.Text("x"); err != nil {
		t.Fatal(err)
	}
	want(t, field, "x")
	if all := happened(c); all[device.Acted] != 0 {
		t.Errorf("events: %v", all)
	}
}

// TestWineElevated takes rights from the Device in place of giving Notepad more.
func TestWineElevated(t *testing.T) {
	c := open(t)
	field := notepad(t, c)
	t.Logf("level %#x", c.level)
	move(t, c, image.Pt(400, 350))
	if err := c.Key(device.Press{Key: control.KeyShiftLeft, Down: true}); err != nil {
		t.Fatal(err)
	}
	own := c.level
	c.level = 0
	for name, err := range map[string]error{
		"a key":    c.Key(device.Press{Key: keyA, Down: true}),
		"text":     c.Text("text"),
		"a button": c.Button(control.Left, true),
		"a wheel":  c.Wheel(0, 120),
		"release":  c.Key(device.Press{Key: control.KeyShiftLeft}),
	} {
		if !errors.Is(err, device.ErrElevated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.level = own
	if err := c.Key(device.Press{Key: control.KeyShiftLeft}); err != nil {
		t.Error(err)
	}
	want(t, field, "")
}

// TestWineClean lets go of what a killed helper held.
func TestWineClean(t *testing.T) {
	c := open(t)
	_ = notepad(t, c)
	for _, key := range []control.Key{control.KeyControlLeft, control.KeyShiftRight, keyA} {
		if err := c.Key(device.Press{Key: key, Down: true}); err != nil {
			t.Fatal(err)
		}
	}
	held := func() (all []uint16) {
		for vk := uint16(0x13); vk < 0xff; vk++ {
			if state, _, _ := procGetAsyncKeyState.Call(uintptr(vk)); state&0x8000 != 0 {
				all = append(all, vk)
			}
		}
		return all
	}
	eventually(t, "three keys are down", func() bool { return len(held()) == 3 })
	if err := Clean(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "none is down", func() bool { return len(held()) == 0 })
}
