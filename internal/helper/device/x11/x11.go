// Package x11 carries input out on a Linux desktop with an X server: by XTEST
// for the pointer and the keys, XInput2 to tell the person's own from it, RandR
// for the monitors, and the CLIPBOARD selection (ICCCM).
package x11

import (
	"image"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// A Device is a screen of an X server. It implements [device.Device].
type Device struct {
	x      *xgb.Conn
	root   xproto.Window
	screen *xproto.ScreenInfo
	own    xproto.Window // of ours, never shown: it has the clipboard
	events *device.Announcer
	ours   map[uint16]bool // the devices whose events XTEST makes

	keyboard  keyboard
	clipboard clipboard
	overlay   overlay
	stop      *stopKeys
	turned    [2]int // what the wheels turned and no notch was made of yet: right, down

	closing sync.Once
}

var _ device.Device = (*Device)(nil)

// Open connects to the X server that $DISPLAY names. The error says what it
// lacks.
func Open() (device.Device, error) {
	d := &Device{events: device.NewAnnouncer(), ours: make(map[uint16]bool)}
	if err := d.open(); err != nil {
		d.events.Close()
		return nil, err
	}
	go d.listen()
	return d, nil
}

func (d *Device) open() error {
	var xi *xinput
	var ready sync.WaitGroup
	ready.Add(1)
	x, err := connect(func(event []byte) {
		ready.Wait()
		if source, ok := xi.raw(event); ok && !d.ours[source] {
			d.events.Announce(device.Acted)
		}
	})
	if err != nil {
		return err
	}
	d.x = x
	d.screen = xproto.Setup(x).DefaultScreen(x)
	d.root = d.screen.Root
	if xi, err = d.begin(); err != nil {
		ready.Done()
		x.Close()
		return err
	}
	ready.Done()
	err = xi.watch(d.root)
	if err == nil {
		d.stop, err = hearStop(func() { d.events.Announce(device.StopPressed) })
	}
	if err != nil {
		x.Close()
	}
	return err
}

// begin makes everything ready before the first event.
func (d *Device) begin() (*xinput, error) {
	if err := extend(d.x); err != nil {
		return nil, err
	}
	if _, err := xfixes.QueryVersion(d.x, 5, 0).Reply(); err != nil {
		return nil, err
	}
	xi, err := newXInput(d.x)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Virtual core XTEST pointer", "Virtual core XTEST keyboard"} {
		id, err := xi.device(name)
		if err != nil {
			return nil, err
		}
		d.ours[id] = true
	}
	if d.own, err = xproto.NewWindowId(d.x); err != nil {
		return nil, err
	}
	err = xproto.CreateWindowChecked(d.x, 0, d.own, d.root, -10, -10, 1, 1, 0, xproto.WindowClassInputOnly, d.screen.RootVisual,
		xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return nil, err
	}
	if err := randr.SelectInputChecked(d.x, d.root, randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange).Check(); err != nil {
		return nil, err
	}
	if err := d.clipboard.begin(d); err != nil {
		return nil, err
	}
	d.overlay = overlay{d: d, marks: make(map[xproto.Window]bool)}
	d.keyboard = keyboard{x: d.x, root: d.root, down: make(map[control.Key]xproto.Keycode)}
	return xi, d.keyboard.load()
}

// listen hands out what the server tells until the connection ends.
func (d *Device) listen() {
	for {
		event, err := d.x.WaitForEvent()
		if event == nil && err == nil {
			d.events.Announce(device.Broken)
			return
		}
		switch e := event.(type) {
		case randr.ScreenChangeNotifyEvent, randr.NotifyEvent:
			d.events.Announce(device.MonitorsChanged)
		case xproto.MappingNotifyEvent:
			d.keyboard.changed(e)
		case xproto.SelectionRequestEvent:
			d.clipboard.serve(e)
		case xproto.SelectionNotifyEvent:
			d.clipboard.answered(e)
		case xproto.PropertyNotifyEvent:
			d.clipboard.property(e)
		case xproto.SelectionClearEvent:
			d.clipboard.lost()
		case xfixes.SelectionNotifyEvent:
			if e.Owner != d.own {
				d.events.Announce(device.ClipboardChanged)
			}
		}
	}
}

// Monitors implements [device.Device], by RandR 1.5 or, where that is older,
// as one screen.
func (d *Device) Monitors() ([]device.Monitor, error) {
	whole := device.Monitor{Name: "screen", Area: image.Rect(0, 0, int(d.screen.WidthInPixels), int(d.screen.HeightInPixels))}
	if g, err := xproto.GetGeometry(d.x, xproto.Drawable(d.root)).Reply(); err == nil {
		whole.Area = image.Rect(0, 0, int(g.Width), int(g.Height))
	}
	r, err := randr.GetMonitors(d.x, d.root, true).Reply()
	if err != nil || len(r.Monitors) == 0 {
		return []device.Monitor{whole}, nil
	}
	var all []device.Monitor
	for _, m := range r.Monitors {
		one := device.Monitor{Area: image.Rect(int(m.X), int(m.Y), int(m.X)+int(m.Width), int(m.Y)+int(m.Height))}
		if name, err := xproto.GetAtomName(d.x, m.Name).Reply(); err == nil {
			one.Name = name.Name
		}
		if m.Primary {
			all = append([]device.Monitor{one}, all...)
		} else {
			all = append(all, one)
		}
	}
	return all, nil
}

func (d *Device) fake(kind, detail byte, x, y int) error {
	return xtest.FakeInputChecked(d.x, kind, detail, xproto.TimeCurrentTime, d.root, int16(x), int16(y), 0).Check()
}

// Move implements [device.Device].
func (d *Device) Move(at image.Point) error { return d.fake(xproto.MotionNotify, 0, at.X, at.Y) }

// buttons are the numbers that X has for them; 4 to 7 are the wheels.
var buttons = [...]byte{control.Left: 1, control.Middle: 2, control.Right: 3, control.Back: 8, control.Forward: 9}

// Button implements [device.Device].
func (d *Device) Button(b control.Button, down bool) error {
	if int(b) >= len(buttons) {
		return device.ErrUnsupported
	}
	return d.press(buttons[b], down)
}

func (d *Device) press(button byte, down bool) error {
	kind := byte(xproto.ButtonRelease)
	if down {
		kind = xproto.ButtonPress
	}
	return d.fake(kind, button, 0, 0)
}

// notch is a whole turn of a wheel, as [device.Device] counts.
const notch = 120

// Wheel implements [device.Device]. XTEST knows whole notches only.
func (d *Device) Wheel(right, down int) error {
	for i, turn := range []int{right, down} {
		back, forth := byte(6), byte(7)
		if i == 1 {
			back, forth = 4, 5
		}
		for d.turned[i] += turn; d.turned[i] <= -notch || d.turned[i] >= notch; {
			button, step := forth, -notch
			if d.turned[i] < 0 {
				button, step = back, notch
			}
			d.turned[i] += step
			if err := d.press(button, true); err != nil {
				return err
			}
			if err := d.press(button, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// Key implements [device.Device].
func (d *Device) Key(p device.Press) error { return d.keyboard.key(d, p) }

// Text implements [device.Device].
func (d *Device) Text(s string) error { return d.keyboard.text(d, s) }

// Clipboard implements [device.Device].
func (d *Device) Clipboard(most int) (device.Content, error) { return d.clipboard.get(most) }

// SetClipboard implements [device.Device].
func (d *Device) SetClipboard(c device.Content) error { return d.clipboard.set(c) }

// Show implements [device.Device].
func (d *Device) Show(marks []device.Mark) (func(), error) { return d.overlay.show(marks) }

// Frame implements [device.Device].
func (d *Device) Frame(area image.Rectangle) error { return d.overlay.frame(area) }

// Events implements [device.Device].
func (d *Device) Events() <-chan device.Event { return d.events.Events() }

// StopKeys implements [device.Device].
func (d *Device) StopKeys() string {
	if !d.stop.ours {
		return ""
	}
	return "Ctrl+Alt+End"
}

// System implements [device.Device].
func (d *Device) System() string { return "X11" }

// Close implements [device.Device]. Windows and grabs go with the connections.
func (d *Device) Close() error {
	var err error
	d.closing.Do(func() {
		err = d.keyboard.restore()
		d.overlay.close()
		d.stop.x.Close()
		d.x.Close()
		d.events.Close()
	})
	return err
}
