package win32

import (
	"errors"
	"image"
	"time"
	"unsafe"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// errHeld says that the pointer isn't where Move put it, though nobody moved
// it: a click would hit something else than what the agent saw.
var errHeld = errors.New("another program holds the pointer")

// send hands input to Windows, all of it or what fits before an error.
func (c *computer) send(in ...input) error {
	if err := c.usable(); err != nil || len(in) == 0 {
		return err
	}
	sent, _, err := procSendInput.Call(uintptr(len(in)), uintptr(unsafe.Pointer(&in[0])), unsafe.Sizeof(in[0]))
	if sent == uintptr(len(in)) {
		return nil
	}
	return failed(0, 0, err)
}

func (c *computer) Move(at image.Point) error {
	at, err := onMonitors(at)
	if err != nil {
		return err
	}
	c.aim.Store(&at)
	if err := c.send(moveInput(at, deskArea(), c.mark)); err != nil {
		return err
	}
	if arrived(at) {
		return nil
	}
	// Where Windows drops the move, it does so without an error.
	if err := errors.Join(c.elevatedAt(at), c.activeElevated()); err != nil && !arrivesAt(at) {
		return device.ErrElevated
	}
	return nil
}

// Button and Wheel act where the pointer is, so that has to be where the agent
// sees it. A button is released in any case, and noted as down until the window
// can have got that.
func (c *computer) Button(b control.Button, down bool) error {
	if !down {
		up, ok := c.buttons[b]
		if !ok {
			return nil
		}
		at, err := pointer()
		if err := errors.Join(c.send(up), err, c.elevatedAt(at)); err != nil {
			return err
		}
		delete(c.buttons, b)
		return nil
	}
	swapped := metric(metricSwapped) != 0
	press, err := buttonInput(b, true, swapped, c.mark)
	if err != nil {
		return err
	}
	if err := c.pointerFree(); err != nil {
		return err
	}
	if err := c.send(press); err != nil {
		return err
	}
	c.buttons[b], err = buttonInput(b, false, swapped, c.mark)
	return err
}

func (c *computer) Wheel(right, down int) error {
	if err := c.pointerFree(); err != nil {
		return err
	}
	return c.send(wheelInputs(right, down, c.mark)...)
}

// pointerFree returns an error if the mouse can't act where the pointer was put,
// or where the person moved it since.
func (c *computer) pointerFree() error {
	if err := c.usable(); err != nil {
		return err
	}
	if aim := c.aim.Load(); aim != nil && !arrivesAt(*aim) && c.aim.Load() == aim {
		if errors.Join(c.elevatedAt(*aim), c.activeElevated()) != nil {
			return device.ErrElevated
		}
		return errHeld
	}
	at, err := pointer()
	if err != nil {
		return err
	}
	return c.elevatedAt(at)
}

func pointer() (image.Point, error) {
	at := new(point)
	err := failed(procGetCursorPos.Call(uintptr(unsafe.Pointer(at))))
	return image.Pt(int(at.x), int(at.y)), err
}

// arrived says whether the pointer is in a place, give or take what rounding
// between monitors of different scales may make of it.
func arrived(at image.Point) bool {
	is, err := pointer()
	d := is.Sub(at)
	return err == nil && max(d.X, -d.X, d.Y, -d.Y) <= 4
}

// arrivesAt gives the pointer a few milliseconds.
func arrivesAt(at image.Point) bool {
	for range 4 {
		if arrived(at) {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return arrived(at)
}
