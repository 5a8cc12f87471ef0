package win32

import (
	"errors"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

// activeFree returns an error if the active window can't be given keys.
// Otherwise it releases what couldn't be released before.
func (c *computer) activeFree() error {
	if err := errors.Join(c.usable(), c.activeElevated()); err != nil {
		return err
	}
	err := c.send(c.keys.overdue()...)
	if err == nil {
		clear(c.keys.owed)
	}
	return err
}

// Key presses or releases a key. A release that may not have arrived is done
// again, if not by another call, then before the next press.
func (c *computer) Key(p device.Press) error {
	if !p.Down {
		up, ok := c.keys.release(p.Key)
		if !ok {
			return nil
		}
		if err := errors.Join(c.send(up), c.activeElevated()); err != nil {
			return err
		}
		c.keys.forget(p.Key)
		return nil
	}
	if err := c.activeFree(); err != nil {
		return err
	}
	repeated := c.keys.down(p.Key)
	down, err := c.keys.press(p, activeLayout())
	if err != nil {
		return err
	}
	if err := c.send(down); err != nil {
		if !repeated {
			c.keys.forget(p.Key)
		}
		return err
	}
	return nil
}

// Text stops where a window with more rights comes up in between.
func (c *computer) Text(s string) error {
	if err := c.activeFree(); err != nil {
		return err
	}
	lift, again := c.keys.lift()
	err := c.send(lift...)
	for _, part := range typed(s, c.mark) {
		if err == nil {
			err = c.activeElevated()
		}
		if err != nil {
			break
		}
		err = c.send(part...)
	}
	return errors.Join(err, c.send(again...))
}

// The kinds of MapVirtualKeyEx that know 0xE0, in the upper byte of scan codes.
const (
	mapToVirtual = 3 // MAPVK_VSC_TO_VK_EX
	mapToScan    = 4 // MAPVK_VK_TO_VSC_EX
)

// A systemLayout is a HKL.
type systemLayout windows.Handle

// activeLayout returns the layout of the active window.
func activeLayout() systemLayout {
	thread, _ := windows.GetWindowThreadProcessId(windows.GetForegroundWindow(), nil)
	return systemLayout(windows.GetKeyboardLayout(thread))
}

func (l systemLayout) key(c rune) (stroke, bool) {
	if c > 0xffff {
		return stroke{}, false
	}
	found, _, _ := procVkKeyScanEx.Call(uintptr(c), uintptr(l))
	vk, shifted := found&0xff, found>>8&0xff
	if shifted != 0 { // also if there is none: −1
		return stroke{}, false
	}
	scan := l.scan(uint16(vk))
	return stroke{scan: scan, vk: uint16(vk)}, scan != 0
}

// scan returns the scan code of a virtual key, or 0.
func (l systemLayout) scan(vk uint16) uint16 {
	scan, _, _ := procMapVirtualKeyEx.Call(uintptr(vk), mapToScan, uintptr(l))
	return uint16(scan)
}

func (l systemLayout) virtual(scan uint16) uint16 {
	vk, _, _ := procMapVirtualKeyEx.Call(uintptr(scan), mapToVirtual, uintptr(l))
	return uint16(vk)
}
