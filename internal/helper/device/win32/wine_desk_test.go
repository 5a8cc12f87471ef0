//go:build wine && windows

package win32

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

func TestWineEvents(t *testing.T) {
	c := open(t)
	happened(c)
	others := &computer{mark: 7}
	for _, s := range []stroke{{scan: 0x1d, vk: 0xa2}, {scan: 0x38, vk: 0xa4}, {scan: 0xe04f, vk: virtualEnd}} {
		if err := others.send(s.down(7)); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []stroke{{scan: 0xe04f, vk: virtualEnd}, {scan: 0x38, vk: 0xa4}, {scan: 0x1d, vk: 0xa2}} {
		if err := others.send(s.up(7)); err != nil {
			t.Fatal(err)
		}
	}
	if all := happened(c); all[device.Acted] == 0 || all[device.StopPressed] != 1 {
		t.Errorf("keys: %v", all)
	}
	if err := c.Move(image.Pt(100, 100)); err != nil {
		t.Fatal(err)
	}
	if all := happened(c); len(all) != 0 || c.aim.Load() == nil {
		t.Errorf("own move: %v", all)
	}
	if err := others.send(moveInput(image.Pt(300, 300), deskArea(), 7)); err != nil {
		t.Fatal(err)
	}
	if all := happened(c); all[device.Acted] == 0 || c.aim.Load() != nil {
		t.Errorf("another's move: %v", all)
	}
	if err := c.watch.do(func() { c.watched(&message{message: msgTimer}) }); err != nil { // hooks anew
		t.Fatal(err)
	}
	if err := others.send(wheelInputs(0, 120, 7)...); err != nil {
		t.Fatal(err)
	}
	if all := happened(c); all[device.Acted] == 0 {
		t.Errorf("another's wheel: %v", all)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range c.Events() { // closed
	}
	if err := c.Move(image.Pt(1, 1)); err == nil {
		t.Error("moves after Close")
	}
}

func TestWineClipboard(t *testing.T) {
	c := open(t)
	const text = "Grüße\n😀"
	if err := c.SetClipboard(device.Content{Text: text}); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Clipboard(100); err != nil || got.Text != text || got.PNG != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Clipboard(5); err != nil || got.Text != "" {
		t.Errorf("too long: %+v, %v", got, err)
	}
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	img.SetNRGBA(1, 1, color.NRGBA{R: 0xd6, G: 0x34, B: 0x1c, A: 0xff})
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	if err := c.SetClipboard(device.Content{PNG: file.Bytes()}); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Clipboard(1000); err != nil || !bytes.Equal(got.PNG, file.Bytes()) {
		t.Errorf("picture: %+v, %v", got, err)
	}
	if all := happened(c); len(all) != 0 {
		t.Errorf("own content: %v", all)
	}

	// As a program that knows CF_DIB only, and nothing of our numbers.
	other, err := newClipboard(c.listener)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.fill(func() error { return setData(formatDIB, encodeDIB(img)) }); err != nil {
		t.Fatal(err)
	}
	got, err := c.Clipboard(1000)
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(got.PNG))
	if err != nil || color.NRGBAModel.Convert(back.At(1, 1)) != img.At(1, 1) {
		t.Errorf("%v", err)
	}
	if all := happened(c); all[device.ClipboardChanged] == 0 {
		t.Errorf("another's content: %v", all)
	}

	// A clipboard that another program holds open.
	if other, err = newClipboard(0); err != nil {
		t.Fatal(err)
	}
	opened, done := make(chan bool), make(chan bool)
	go func() {
		_ = other.use(func() error { close(opened); <-done; return nil })
	}()
	<-opened
	start := time.Now()
	_, err = c.Clipboard(10)
	if took := time.Since(start); !errors.Is(err, errBusy) || took > 2*patience {
		t.Errorf("busy: %v after %v", err, took)
	}
	close(done)
	eventually(t, "free again", func() bool { _, err := c.Clipboard(1000); return err == nil })
}

func TestWineOverlays(t *testing.T) {
	c := open(t)
	pixel := func(x, y int) uint32 {
		dc, _, _ := procGetDC.Call(0)
		defer func() { _, _, _ = procReleaseDC.Call(0, dc) }()
		colour, _, _ := procGetPixel.Call(dc, uintptr(x), uintptr(y))
		return uint32(colour)
	}
	const frame, green = 0x001c34d6, 0x0000ff00
	area := image.Rect(50, 60, 350, 260)
	if err := c.Frame(area); err != nil {
		t.Fatal(err)
	}
	for _, at := range []image.Point{{50, 60}, {349, 259}, {52, 150}, {347, 150}, {200, 63}, {200, 256}} {
		eventually(t, "frame at "+at.String(), func() bool { return pixel(at.X, at.Y) == frame })
	}
	if pixel(54, 64) == frame || pixel(200, 150) == frame || pixel(49, 150) == frame {
		t.Error("the frame is too wide")
	}
	mark := plain(image.Pt(20, 20), color.RGBA{G: 0xff, A: 0xff})
	hide, err := c.Show([]device.Mark{{At: image.Pt(100, 100), Image: mark}, {At: image.Pt(150, 100), Image: mark}})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "marks", func() bool { return pixel(110, 110) == green && pixel(169, 119) == green })
	window, _, _ := procWindowFromPoint.Call(packed(image.Pt(110, 110)))
	var process uint32
	_, _ = windows.GetWindowThreadProcessId(windows.HWND(window), &process)
	if process == windows.GetCurrentProcessId() {
		t.Error("a mark takes clicks")
	}
	hide()
	hide()
	eventually(t, "no marks", func() bool { return pixel(110, 110) != green && pixel(169, 119) != green })
	if err := c.Frame(image.Rectangle{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no frame", func() bool { return pixel(50, 60) != frame })
}

// TestWineRestart has the program started again, which says what arguments it
// got. Wine has rights to spare and asks nobody.
func TestWineRestart(t *testing.T) {
	const file = "DESKSIDE_WINE_TEST"
	if name := os.Getenv(file); name != "" {
		if err := os.WriteFile(name, []byte(strings.Join(os.Args[2:], "|")), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Wine 8 can't remove files as Go asks it to, so there is one for good.
	name := filepath.Join(os.TempDir(), "deskside-arguments")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(file, name)
	if err := RestartElevated([]string{"-test.run=^TestWineRestart$", "a b", `c"d\`, "", "ü"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "arguments", func() bool {
		got, err := os.ReadFile(name)
		return err == nil && string(got) == `a b|c"d\||ü`
	})
	time.Sleep(500 * time.Millisecond) // until the other has ended
}
