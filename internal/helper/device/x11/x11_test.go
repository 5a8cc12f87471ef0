package x11_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"deskside/internal/control"
	"deskside/internal/helper/device"
	"deskside/internal/helper/device/x11"
	"deskside/internal/helper/device/x11/x11test"
)

// screen starts an X server of the test's own and opens it.
func screen(t *testing.T) (device.Device, string) {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Xvfb is not installed: run `make test`, which installs it")
		}
		t.Skip("Xvfb is not installed")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1600x900x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{w}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	w.Close()
	b := make([]byte, 16)
	n, err := r.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	display := ":" + strings.TrimSpace(string(b[:n]))
	t.Setenv("DISPLAY", display)
	return open(t), display
}

func open(t *testing.T) device.Device {
	t.Helper()
	d, err := x11.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// types types text, all of it.
func types(t *testing.T, d device.Device, text string) {
	t.Helper()
	for runes := []rune(text); ; time.Sleep(10 * time.Millisecond) {
		err := d.Text(string(runes))
		var later device.Later
		errors.As(err, &later)
		runes = runes[later.Typed:]
		if !errors.Is(err, device.ErrLater) {
			must(t, err)
			return
		}
	}
}

// happens waits for an event.
func happens(t *testing.T, d device.Device, want device.Event) {
	t.Helper()
	for timeout := time.After(5 * time.Second); ; {
		select {
		case e := <-d.Events():
			if e == want {
				return
			}
		case <-timeout:
			t.Fatalf("event %d did not come", want)
		}
	}
}

// nothing lets some time pass in which an event must not come.
func nothing(t *testing.T, d device.Device, unwanted device.Event) {
	t.Helper()
	for timeout := time.After(200 * time.Millisecond); ; {
		select {
		case e := <-d.Events():
			if e == unwanted {
				t.Fatalf("event %d came", e)
			}
		case <-timeout:
			return
		}
	}
}

// TestPerson tells the person's own mouse and keys from what the device does.
func TestPerson(t *testing.T) {
	d, display := screen(t)
	must(t, d.Move(image.Pt(100, 100)))
	must(t, d.Button(control.Left, true))
	must(t, d.Button(control.Left, false))
	must(t, d.Key(device.Press{Key: 0x04, Down: true}))
	must(t, d.Key(device.Press{Key: 0x04}))
	types(t, d, "Ελλάδα 😀")
	must(t, d.Wheel(0, 360))
	nothing(t, d, device.Acted)
	person, err := x11test.New(display, "person")
	must(t, err)
	defer person.Close()
	nothing(t, d, device.Acted)
	must(t, person.Move(300, 300))
	happens(t, d, device.Acted)
	nothing(t, d, device.Acted)
	must(t, person.Press(38))
	happens(t, d, device.Acted)
	must(t, d.Move(image.Pt(120, 130)))
	must(t, d.Button(control.Left, true))
	must(t, d.Button(control.Left, false))
	types(t, d, "aß")
	nothing(t, d, device.Acted)
	must(t, person.Press(37, 64, 115)) // Ctrl+Alt+End
	happens(t, d, device.StopPressed)
}

// TestStopIsHeard presses the keys that stop after more than anybody would read.
func TestStopIsHeard(t *testing.T) {
	d, display := screen(t)
	person, err := x11test.New(display, "person")
	must(t, err)
	defer person.Close()
	for i := range 200 {
		must(t, person.Move(i, i))
	}
	must(t, person.Press(37, 64, 115))
	_, err = d.Monitors() // by then, all of that has come
	must(t, err)
	acted := 0
	for e := range d.Events() {
		if e == device.StopPressed {
			break
		}
		acted++
	}
	if acted > 2 {
		t.Errorf("stop came after %d other events", acted)
	}
}

// TestStopLetsGo releases keys while the person, at a keyboard of their own,
// presses those that stop, and while they still hold them.
func TestStopLetsGo(t *testing.T) {
	d, display := screen(t)
	person, err := x11test.New(display, "person")
	must(t, err)
	defer person.Close()
	for round := range 100 {
		must(t, d.Key(device.Press{Key: control.KeyControlLeft, Down: true}))
		ended := make(chan error)
		go func() {
			if round == 99 {
				ended <- person.Hold(37, 64, 115)
			} else {
				ended <- person.Press(37, 64, 115)
			}
		}()
		time.Sleep(time.Duration(round*20) * time.Microsecond) // at any moment of it
		must(t, d.Key(device.Press{Key: control.KeyControlLeft}))
		must(t, <-ended)
		held, err := x11test.Held(display)
		must(t, err)
		if len(held) != 0 {
			t.Fatalf("in round %d, held are %v", round, held)
		}
	}
	happens(t, d, device.StopPressed)
}

// TestStopKeysOfAnother has another program that took the keys first.
func TestStopKeysOfAnother(t *testing.T) {
	first, _ := screen(t)
	second := open(t)
	if got := first.StopKeys(); got != "Ctrl+Alt+End" {
		t.Errorf("the keys that stop are %q", got)
	}
	if got := second.StopKeys(); got != "" {
		t.Errorf("the keys that stop are %q, which another program has", got)
	}
}

// TestStopIsThePersons presses the keys that stop as the agent could.
func TestStopIsThePersons(t *testing.T) {
	d, _ := screen(t)
	for _, keys := range [][]control.Key{
		{control.KeyControlLeft, control.KeyAltLeft, control.KeyEnd},
		{control.KeyAltRight, control.KeyControlRight, control.KeyEnd},
		{control.KeyEnd, control.KeyControlLeft, control.KeyAltLeft},
	} {
		for i, key := range keys {
			if err := d.Key(device.Press{Key: key, Down: true}); errors.Is(err, device.ErrReserved) != (i == 2) {
				t.Errorf("key %d of %#02x: %v", i, keys, err)
			}
		}
		for _, key := range keys {
			must(t, d.Key(device.Press{Key: key}))
		}
	}
	nothing(t, d, device.StopPressed)
}

// TestPlaces moves the pointer to the corners of each of two monitors.
func TestPlaces(t *testing.T) {
	d, display := screen(t)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	root := xproto.Setup(x).DefaultScreen(x).Root
	for _, args := range [][]string{
		{"--setmonitor", "left", "800/200x900/225+0+0", "screen"}, {"--setmonitor", "right", "800/100x600/75+800+100", "none"},
	} {
		if out, err := exec.Command("xrandr", args...).CombinedOutput(); err != nil {
			t.Fatalf("xrandr %v: %v\n%s", args, err, out)
		}
	}
	monitors, err := d.Monitors()
	must(t, err)
	want := []image.Rectangle{image.Rect(0, 0, 800, 900), image.Rect(800, 100, 1600, 700)}
	if len(monitors) != 2 || monitors[0].Area != want[0] || monitors[1].Area != want[1] {
		t.Fatalf("monitors %+v, want %v", monitors, want)
	}
	for _, m := range monitors {
		for _, at := range []image.Point{m.Area.Min, m.Area.Max.Sub(image.Pt(1, 1)), {m.Area.Min.X, m.Area.Max.Y - 1}} {
			must(t, d.Move(at))
			p, err := xproto.QueryPointer(x, root).Reply()
			must(t, err)
			if got := image.Pt(int(p.RootX), int(p.RootY)); got != at {
				t.Errorf("the pointer is at %v, want %v", got, at)
			}
		}
	}
}

// TestMarksAndFrame looks at the screen's pixels.
func TestMarksAndFrame(t *testing.T) {
	d, display := screen(t)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	root := xproto.Setup(x).DefaultScreen(x).Root
	pixel := func(at image.Point) color.RGBA {
		r, err := xproto.GetImage(x, xproto.ImageFormatZPixmap, xproto.Drawable(root), int16(at.X), int16(at.Y), 1, 1, 0xffffffff).Reply()
		must(t, err)
		return color.RGBA{r.Data[2], r.Data[1], r.Data[0], 255}
	}
	magenta := color.RGBA{255, 0, 255, 255}
	mark := image.NewPaletted(image.Rect(0, 0, 40, 40), color.Palette{color.RGBA{0, 0, 0, 255}, magenta})
	mark.SetColorIndex(7, 9, 1)
	hide, err := d.Show([]device.Mark{{At: image.Pt(200, 300), Image: mark}})
	must(t, err)
	if got := pixel(image.Pt(207, 309)); got != magenta {
		t.Errorf("the mark's pixel is %v", got)
	}
	hide()
	must(t, d.Frame(image.Rect(0, 0, 1600, 900)))
	red := color.RGBA{0xd6, 0x34, 0x1c, 255}
	for _, at := range []image.Point{{0, 0}, {1599, 899}, {2, 450}, {800, 898}} {
		if got := pixel(at); got != red {
			t.Errorf("the frame at %v is %v", at, got)
		}
	}
	if got := pixel(image.Pt(207, 309)); got == magenta || got == red {
		t.Errorf("the mark or the frame covers the screen: %v", got)
	}
	must(t, d.Frame(image.Rectangle{}))
	if got := pixel(image.Pt(0, 0)); got == red {
		t.Error("the frame is still there")
	}
}

// TestClipboard hands things from one program to another, in one piece and in
// many.
func TestClipboard(t *testing.T) {
	d, _ := screen(t)
	other := open(t)
	if c, err := d.Clipboard(1 << 20); err != nil || c.Text != "" || c.PNG != nil {
		t.Errorf("an empty clipboard holds %+v, %v", c, err)
	}
	long := strings.Repeat("Grüße 😀\n", 100_000)
	for _, text := range []string{"Grüße 😀", long} {
		must(t, d.SetClipboard(device.Content{Text: text}))
		happens(t, other, device.ClipboardChanged)
		nothing(t, d, device.ClipboardChanged)
		if c, err := other.Clipboard(10 << 20); err != nil || c.Text != text {
			t.Errorf("%d bytes of text came as %d, %v", len(text), len(c.Text), err)
		}
	}
	if c, err := other.Clipboard(1000); err != nil || c.Text != "" {
		t.Errorf("too much came as %d bytes, %v", len(c.Text), err)
	}
	png := bytes.Repeat([]byte{0x89, 'P', 'N', 'G', 0}, 200_000)
	must(t, other.SetClipboard(device.Content{PNG: png}))
	happens(t, d, device.ClipboardChanged)
	if c, err := d.Clipboard(10 << 20); err != nil || !bytes.Equal(c.PNG, png) {
		t.Errorf("a picture of %d bytes came as %d, %v", len(png), len(c.PNG), err)
	}
	if c, err := other.Clipboard(10 << 20); err != nil || !bytes.Equal(c.PNG, png) {
		t.Errorf("one's own picture came as %d bytes, %v", len(c.PNG), err)
	}
}

// TestKeys presses keys and types text, as another program sees them.
func TestKeys(t *testing.T) {
	d, display := screen(t)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	held := func() (codes []byte) {
		r, err := xproto.QueryKeymap(x).Reply()
		must(t, err)
		for code := range 256 {
			if r.Keys[code/8]&(1<<(code%8)) != 0 {
				codes = append(codes, byte(code))
			}
		}
		return codes
	}
	must(t, d.Key(device.Press{Key: control.KeyControlLeft, Down: true}))
	must(t, d.Key(device.Press{Key: 0x1d, Char: 'y', Down: true})) // the place of Z, where the agent's Y is
	if got := held(); !bytes.Equal(got, []byte{29, 37}) {
		t.Errorf("held are %v, want Y (29) and Control (37)", got)
	}
	must(t, d.Key(device.Press{Key: 0x1d}))
	types(t, d, "aB€")
	if got := held(); !bytes.Equal(got, []byte{37}) {
		t.Errorf("after typing, held are %v, want Control (37)", got)
	}
	must(t, d.Key(device.Press{Key: control.KeyControlLeft}))
	if got := held(); len(got) != 0 {
		t.Errorf("in the end held are %v", got)
	}
	before := mapping(t, x)
	must(t, d.Close())
	if len(changes(before, mapping(t, x))) == 0 {
		t.Error("no spare key was given back")
	}
}

// mapping is what every key of the screen makes, by its code.
func mapping(t *testing.T, x *xgb.Conn) map[xproto.Keycode][]xproto.Keysym {
	t.Helper()
	r, err := xproto.GetKeyboardMapping(x, 8, 248).Reply()
	must(t, err)
	rows, per := make(map[xproto.Keycode][]xproto.Keysym), int(r.KeysymsPerKeycode)
	for i := range 248 {
		row := r.Keysyms[i*per : (i+1)*per]
		for len(row) > 0 && row[len(row)-1] == 0 { // how wide all rows are depends on the widest
			row = row[:len(row)-1]
		}
		rows[xproto.Keycode(8+i)] = row
	}
	return rows
}

// changes lists the keys that make something else.
func changes(before, after map[xproto.Keycode][]xproto.Keysym) (codes []xproto.Keycode) {
	for code := range before {
		if !slices.Equal(before[code], after[code]) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// layout sets a layout, as a person does while control is on, with something of
// its own for the keys that were lent.
func layout(t *testing.T, x *xgb.Conn, name string, lent []xproto.Keycode) map[xproto.Keycode][]xproto.Keysym {
	t.Helper()
	if out, err := exec.Command("setxkbmap", name).CombinedOutput(); err != nil {
		t.Fatalf("setxkbmap: %v\n%s", err, out)
	}
	for i, code := range lent {
		row := make([]xproto.Keysym, 4)
		for group := range 2 { // Cyrillic, another letter in each
			row[2*group], row[2*group+1] = 0x1000430+xproto.Keysym(2*i+group), 0x1000410+xproto.Keysym(2*i+group)
		}
		must(t, xproto.ChangeKeyboardMappingChecked(x, 1, code, byte(len(row)), row).Check())
	}
	return mapping(t, x)
}

// TestLayout has the person set another layout while keys are lent.
func TestLayout(t *testing.T) {
	d, display := screen(t)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	clean, err := x11.Cleaner()
	must(t, err)
	first := mapping(t, x)
	types(t, d, "Ωψω")
	lent := changes(first, mapping(t, x))
	second := layout(t, x, "de", lent)
	time.Sleep(500 * time.Millisecond) // until it was told of
	types(t, d, "Ω")
	again := changes(second, mapping(t, x))
	if len(again) != 1 || slices.Contains(lent, again[0]) {
		t.Errorf("lent are %v, then %v", lent, again)
	}
	must(t, d.Close())
	if got := changes(second, mapping(t, x)); len(got) != 0 {
		t.Errorf("the new layout's keys %v make something else", got)
	}
	must(t, clean())
	if got := changes(second, mapping(t, x)); len(got) != 0 {
		t.Errorf("cleaned up, the new layout's keys %v make something else", got)
	}
}

// fill gives every key that makes nothing something to make, but the first few.
func fill(t *testing.T, x *xgb.Conn, spare int) {
	t.Helper()
	r, err := xproto.GetKeyboardMapping(x, 8, 248).Reply()
	must(t, err)
	per := int(r.KeysymsPerKeycode)
	for code := range 248 {
		row := r.Keysyms[code*per : (code+1)*per]
		if slices.ContainsFunc(row, func(s xproto.Keysym) bool { return s != 0 }) {
			continue
		}
		if spare--; spare < 0 {
			must(t, xproto.ChangeKeyboardMappingChecked(x, 1, xproto.Keycode(8+code), byte(per), slices.Repeat([]xproto.Keysym{0xffca}, per)).Check())
		}
	}
}

// listening is a window of another program's, with the keyboard; pressed tells
// which of the keys are pressed next in it.
func listening(t *testing.T, x *xgb.Conn) (pressed func(n int) []byte) {
	t.Helper()
	screen := xproto.Setup(x).DefaultScreen(x)
	w, err := xproto.NewWindowId(x)
	must(t, err)
	must(t, xproto.CreateWindowChecked(x, 0, w, screen.Root, 0, 0, 10, 10, 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwEventMask, []uint32{xproto.EventMaskKeyPress | xproto.EventMaskExposure}).Check())
	must(t, xproto.MapWindowChecked(x, w).Check())
	for event, _ := x.WaitForEvent(); ; event, _ = x.WaitForEvent() {
		if _, ok := event.(xproto.ExposeEvent); ok {
			break
		}
	}
	must(t, xproto.SetInputFocusChecked(x, xproto.InputFocusParent, w, xproto.TimeCurrentTime).Check())
	return func(n int) (codes []byte) {
		for len(codes) < n {
			event, err := x.WaitForEvent()
			if event == nil {
				t.Fatalf("pressed %v, then %v", codes, err)
			}
			if e, ok := event.(xproto.KeyPressEvent); ok {
				codes = append(codes, byte(e.Detail))
			}
		}
		return codes
	}
}

// TestText types what the layout lacks without ever waiting: whoever stops
// control would wait too.
func TestText(t *testing.T) {
	d, display := screen(t)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	if err := d.Text("Ω"); err == nil || !errors.Is(err, device.ErrLater) {
		t.Errorf("programs had no time to learn what the key makes: %v", err)
	}
	for _, c := range []struct {
		spare int
		want  func(spare byte) []byte
	}{
		{1, func(spare byte) []byte { return []byte{38, spare, 56, 50, spare, spare} }}, // A, B, and Shift for the second of its two
		{0, func(byte) []byte { return []byte{38, 56} }},
	} {
		must(t, d.Close())
		fill(t, x, c.spare)
		d = open(t)
		pressed := listening(t, x)
		var parts []int
		for runes := []rune("aΩbψω"); ; time.Sleep(10 * time.Millisecond) {
			var later device.Later
			err := d.Text(string(runes))
			if errors.As(err, &later) {
				parts = append(parts, later.Typed)
			}
			if runes = runes[later.Typed:]; errors.Is(err, device.ErrLater) {
				continue
			}
			if (c.spare == 0) != errors.Is(err, device.ErrUnsupported) || c.spare > 0 && err != nil {
				t.Errorf("with %d spare keys: %v", c.spare, err)
			}
			break
		}
		codes := pressed(len(c.want(0)))
		if want := c.want(codes[1]); !slices.Equal(codes, want) {
			t.Errorf("with %d spare keys, pressed are %v, want %v", c.spare, codes, want)
		}
		if c.spare == 1 && !slices.Equal(parts, []int{4}) {
			t.Errorf("typed in parts %v", parts)
		}
	}
}

// TestCapsLock types text as it is, and leaves CapsLock as the person has it.
func TestCapsLock(t *testing.T) {
	d, display := screen(t)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	pressed := listening(t, x)
	person, err := x11test.Core(display)
	must(t, err)
	defer person.Close()
	const capsLock = 66
	must(t, person.Press(capsLock))
	types(t, d, "ab")
	types(t, d, "c")
	want := []byte{capsLock, capsLock, 38, 56, capsLock, capsLock, 54, capsLock}
	if got := pressed(len(want)); !bytes.Equal(got, want) {
		t.Errorf("pressed are %v, want %v", got, want)
	}
}

// TestCleaner cleans up after a program that was killed.
func TestCleaner(t *testing.T) {
	_, display := screen(t)
	clean, err := x11.Cleaner()
	must(t, err)
	x, err := xgb.NewConnDisplay(display)
	must(t, err)
	defer x.Close()
	before := mapping(t, x)
	d := open(t)
	types(t, d, "αβγ")
	must(t, d.Key(device.Press{Key: control.KeyControlLeft, Down: true}))
	must(t, d.Button(control.Left, true))
	if len(changes(before, mapping(t, x))) == 0 {
		t.Fatal("no key was lent")
	}
	must(t, clean())
	if len(changes(before, mapping(t, x))) != 0 {
		t.Error("keys are lent still")
	}
	held, err := x11test.Held(display)
	must(t, err)
	if len(held) != 0 {
		t.Errorf("held are %v", held)
	}
}
