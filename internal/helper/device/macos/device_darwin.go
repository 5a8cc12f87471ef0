package macos

import (
	"errors"
	"image"
	"sync"
	"time"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// mac is the computer's screen, pointer, keyboard and clipboard.
type mac struct {
	source  uintptr
	tap     *tap
	events  *device.Announcer
	display uintptr // the callback for changed monitors
	relax   func()  // ends the activity
	done    chan struct{}
	polled  sync.WaitGroup
	closed  sync.Once

	mouse     mouse
	keyboard  keyboard
	layouts   layouts
	clipboard clipboard
	windows   windows

	mu      sync.Mutex
	pointer image.Point // where it was last put, by a Device or the person
}

var _ device.Device = (*mac)(nil)

// Open opens the computer's screen, pointer, keyboard and clipboard. It is
// device.ErrPermission until the person has allowed the program in the system's
// settings, under Accessibility; see AskPermission. For what is shown, Main has
// to run.
func Open() (device.Device, error) {
	if err := load(); err != nil {
		return nil, err
	}
	if !axIsProcessTrustedWithOptions(0) {
		return nil, device.ErrPermission
	}
	source, err := newSource()
	if err != nil {
		return nil, err
	}
	m := &mac{source: source, events: device.NewAnnouncer(), done: make(chan struct{}), pointer: pointerPlace()}
	if m.tap, err = listen(m.heard); err != nil {
		m.events.Close()
		cfRelease(source)
		return nil, err
	}
	m.display = purego.NewCallback(func(_, flags uint32, _ uintptr) {
		const begin = 1
		if flags&begin == 0 {
			m.events.Announce(device.MonitorsChanged)
		}
	})
	cgDisplayRegisterCallback(m.display, 0)
	m.relax = startActivity()
	m.clipboard.changed(changeCount())
	m.polled.Add(1)
	go m.poll()
	return m, nil
}

// AskPermission opens the system's own prompt, which leads the person to its
// settings: those for Accessibility, and once that is allowed, where the system
// wants it, those for Input Monitoring, by which the helper sees that the person
// acts. It returns at once; whether the person has allowed it Open tells. A
// program that is replaced by another version may have to be allowed anew.
func AskPermission() {
	if load() != nil {
		return
	}
	if axIsProcessTrustedWithOptions(0) {
		cgRequestListenEventAccess()
		return
	}
	pooled(func() {
		key := nsString("AXTrustedCheckOptionPrompt")
		defer key.Send(sel("release"))
		yes := class("NSNumber").Send(sel("numberWithBool:"), true)
		axIsProcessTrustedWithOptions(uintptr(class("NSDictionary").Send(sel("dictionaryWithObject:forKey:"), yes, key)))
	})
}

// heard takes what the person did.
func (m *mac) heard(k kind, ref uintptr) {
	if k.mouse() {
		m.mu.Lock()
		m.pointer = placeOf(ref)
		m.mu.Unlock()
	}
	flags := cgEventGetFlags(ref)
	if k == keyDown && cgEventGetField(ref, fieldCode) == int64(vkEnd) && flags&maskControl != 0 && flags&maskOption != 0 {
		m.events.Announce(device.StopPressed)
		return
	}
	m.events.Announce(device.Acted)
}

// poll looks twice a second at what the system doesn't tell: whether the
// clipboard has changed, and whether the person has taken the permission back.
func (m *mac) poll() {
	defer m.polled.Done()
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	allowed := true
	for {
		select {
		case <-m.done:
			return
		case <-tick.C:
		}
		if m.clipboard.changed(changeCount()) {
			m.events.Announce(device.ClipboardChanged)
		}
		if allowed && !axIsProcessTrustedWithOptions(0) {
			allowed = false
			m.events.Announce(device.Broken)
		}
	}
}

// Monitors returns the displays, in points, which are the pointer's pixels.
func (m *mac) Monitors() ([]device.Monitor, error) { return displays() }

// Move puts the pointer on a place; while a button is down, it drags.
func (m *mac) Move(at image.Point) error {
	monitors, err := displays()
	if err != nil {
		return err
	}
	at, _ = device.Nearest(at, monitors)
	m.mu.Lock()
	from := m.pointer
	m.pointer = at
	m.mu.Unlock()
	return send(m.source, m.mouse.move(from, at, m.keyboard.flags()))
}

// Button presses or releases a button where the pointer was put last: where it
// is, the system says only after a while.
func (m *mac) Button(b control.Button, down bool) error {
	m.mu.Lock()
	at := m.pointer
	m.mu.Unlock()
	within := objc.Send[float64](class("NSEvent"), sel("doubleClickInterval"))
	e, err := m.mouse.press(b, down, at, m.keyboard.flags(), time.Now(), time.Duration(within*float64(time.Second)))
	if err != nil {
		return err
	}
	return send(m.source, e)
}

// Wheel scrolls by pixels.
func (m *mac) Wheel(right, down int) error {
	e, ok := m.mouse.wheel(right, down, m.keyboard.flags())
	if !ok {
		return nil
	}
	return send(m.source, e)
}

// Key presses or releases a key: by p.Char the key of the current layout that
// makes it, else the one in its place. Caps Lock is device.ErrReserved.
func (m *mac) Key(p device.Press) error {
	var l layout
	if p.Down && p.Char != 0 {
		l = m.layouts.current()
	}
	events, err := m.keyboard.press(p, l)
	return errors.Join(err, m.send(events))
}

// Text types text as such, whatever the layout. Programs that only look at keys
// (some games, remote desktops, virtual machines) don't see it.
func (m *mac) Text(s string) error { return m.send(m.keyboard.text(s)) }

// typeTime is what programs need between events with text: some lose what comes
// faster.
const typeTime = 2 * time.Millisecond

func (m *mac) send(events []event) error {
	for i, e := range events {
		if i > 0 && len(e.text) > 0 {
			time.Sleep(typeTime)
		}
		if err := send(m.source, e); err != nil {
			return err
		}
	}
	return nil
}

// Events returns what happened by itself; Broken when the person has taken the
// permission back.
func (m *mac) Events() <-chan device.Event { return m.events.Events() }

// StopKeys names Control+Option+End, which is Control+Option+Fn+Right on
// keyboards without an End key.
func (m *mac) StopKeys() string { return "Control+Option+End" }

// System names the way for the helper's window.
func (m *mac) System() string { return "macOS" }

// Close ends the Device.
func (m *mac) Close() error {
	m.closed.Do(func() {
		close(m.done)
		m.polled.Wait()
		m.tap.stop()
		cgDisplayRemoveCallback(m.display, 0)
		m.windows.close()
		m.relax()
		m.events.Close()
		cfRelease(m.source)
	})
	return nil
}
