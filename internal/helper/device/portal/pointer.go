//go:build linux

package portal

import (
	"fmt"
	"image"

	"deskside/internal/control"
	"deskside/internal/helper/device"
	"deskside/internal/helper/device/evdev"
)

// What Notify… says of a button or a key.
const (
	released uint32 = iota
	down
)

// The axes of NotifyPointerAxisDiscrete.
const (
	vertical uint32 = iota
	horizontal
)

// notch is how far a notch of the wheel scrolls, as compositors take it for
// wheels that have notches.
const notch = 10.0

var (
	errNoPointer  = fmt.Errorf("the desktop's dialog allowed no mouse: %w", device.ErrPermission)
	errNoKeyboard = fmt.Errorf("the desktop's dialog allowed no keyboard: %w", device.ErrPermission)
)

// Move puts the pointer on a place of a monitor that the person chose.
func (d *desktop) Move(at image.Point) error {
	monitors, err := d.Monitors()
	if err != nil {
		return err
	}
	at, which := device.Nearest(at, monitors)
	s := d.streams[which] // there is one: else the person had allowed no pointer
	at = at.Sub(s.area.Min)
	return d.call(remoteDesktop+".NotifyPointerMotionAbsolute", options{}, s.node, float64(at.X), float64(at.Y))
}

// Button presses or releases a button.
func (d *desktop) Button(b control.Button, pressed bool) error {
	if !d.pointer {
		return errNoPointer
	}
	code, ok := evdev.Button(b)
	if !ok {
		return fmt.Errorf("button %d: %w", b, device.ErrUnsupported)
	}
	return d.call(remoteDesktop+".NotifyPointerButton", options{}, int32(code), state(pressed))
}

// Wheel turns the wheels: by notches what are whole ones, which every program
// understands, and smoothly what isn't.
func (d *desktop) Wheel(right, down int) error {
	if !d.pointer {
		return errNoPointer
	}
	if right%120 != 0 || down%120 != 0 {
		return d.call(remoteDesktop+".NotifyPointerAxis", options{}, float64(right)/120*notch, float64(down)/120*notch)
	}
	for _, turn := range []struct {
		axis  uint32
		steps int
	}{{vertical, down / 120}, {horizontal, right / 120}} {
		if turn.steps == 0 {
			continue
		}
		if err := d.call(remoteDesktop+".NotifyPointerAxisDiscrete", options{}, turn.axis, int32(turn.steps)); err != nil {
			return err
		}
	}
	return nil
}

func state(pressed bool) uint32 {
	if pressed {
		return down
	}
	return released
}
