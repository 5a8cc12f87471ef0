//go:build linux

package portal

import (
	"errors"
	"fmt"
	"slices"
	"unicode"

	"deskside/internal/control"
	"deskside/internal/helper/device"
	"deskside/internal/helper/device/evdev"
)

// pressing is what pressing a key has pressed, and releasing it has to release.
type pressing struct {
	code   int32 // an evdev code, or
	keysym int32 // a keysym; neither if the key was only tapped
}

// Key presses or releases a key: by its place, or, where p.Char says what it
// makes and a keysym can say so, by that. The compositor finds the key of its
// layout then, and adds the Shift or AltGr that it needs.
//
// For this Shift and AltGr (the right Alt key) that are down themselves are
// lifted where they would make another character; such a key is pressed and
// released at once, so that the compositor's modifiers and the held ones never
// cross. A right Alt key that is meant as Alt gets lost with characters that
// are neither ASCII letters nor digits.
func (d *desktop) Key(p device.Press) error {
	if !d.keys {
		return errNoKeyboard
	}
	if !p.Down {
		return d.release(p.Key)
	}
	if was, again := d.pressed[p.Key]; again && was != (pressing{}) {
		return nil // the computer repeats keys by itself
	}
	if p.Key.Modifier() || p.Char == 0 {
		return d.pressCode(p.Key)
	}
	sym, lift, tap, ok := d.byChar(p.Char)
	if !ok {
		return d.pressCode(p.Key)
	}
	if tap || len(lift) > 0 {
		d.pressed[p.Key] = pressing{}
		return d.lifted(lift, func() error { return d.tap(sym) })
	}
	d.pressed[p.Key] = pressing{keysym: sym}
	return d.keysym(sym, true)
}

// byChar says how to make a character: by which keysym, with which modifiers
// lifted, and whether in one go. It isn't ok where the place is the better
// guess: for control characters, and for shortcuts with characters that are not
// in ASCII, whose key a layout without them doesn't have.
func (d *desktop) byChar(r rune) (sym int32, lift []control.Key, tap, ok bool) {
	if unicode.IsControl(r) {
		return 0, nil, false, false
	}
	shortcut := slices.ContainsFunc(d.modifiers, func(k control.Key) bool {
		return k != control.KeyShiftLeft && k != control.KeyShiftRight && k != control.KeyAltRight
	})
	if shortcut && r > unicode.MaxASCII {
		return 0, nil, false, false
	}
	shift := d.held(control.KeyShiftLeft, control.KeyShiftRight)
	lower := unicode.ToLower(r)
	letter := unicode.ToUpper(r) != lower
	switch {
	case letter && len(shift) > 0 && (r != lower || shortcut):
		r = lower // the held Shift makes the capital
	case len(shift) > 0:
		lift = shift
	default:
		// The compositor has to press Shift for a capital; so as not to hold
		// it for the next key too.
		tap = r != lower
	}
	if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		lift = append(lift, d.held(control.KeyAltRight)...)
	}
	sym, ok = keysym(r)
	return sym, lift, tap, ok
}

// held returns those of keys that are down.
func (d *desktop) held(keys ...control.Key) []control.Key {
	var held []control.Key
	for _, k := range d.modifiers {
		if slices.Contains(keys, k) {
			held = append(held, k)
		}
	}
	return held
}

func (d *desktop) pressCode(k control.Key) error {
	code, ok := evdev.Code(k)
	if !ok {
		return fmt.Errorf("key %#x: %w", uint8(k), device.ErrUnsupported)
	}
	d.pressed[k] = pressing{code: int32(code)}
	if k.Modifier() {
		d.modifiers = append(d.modifiers, k)
	}
	return d.keycode(int32(code), true)
}

// release releases what pressing a key pressed.
func (d *desktop) release(k control.Key) error {
	was := d.pressed[k]
	delete(d.pressed, k)
	d.modifiers = slices.DeleteFunc(d.modifiers, func(m control.Key) bool { return m == k })
	switch {
	case was.code != 0:
		return d.keycode(was.code, false)
	case was.keysym != 0:
		return d.keysym(was.keysym, false)
	}
	return nil
}

// Text types text by keysyms, with the modifiers lifted that are down. Of
// control characters only the line feed and the tab are typed. What the layout
// lacks the desktop may drop; see the package's comment.
func (d *desktop) Text(s string) error {
	if !d.keys {
		return errNoKeyboard
	}
	return d.lifted(slices.Clone(d.modifiers), func() error {
		for _, r := range s {
			sym, ok := keysym(r)
			if !ok {
				continue
			}
			if err := d.tap(sym); err != nil {
				return err
			}
		}
		return nil
	})
}

// lifted does something while modifiers that are down are up.
func (d *desktop) lifted(keys []control.Key, do func() error) error {
	var errs []error
	for _, k := range keys {
		errs = append(errs, d.keycode(d.pressed[k].code, false))
	}
	errs = append(errs, do())
	// Whatever went wrong, the person's computer has to be left with the
	// modifiers that d.modifiers says.
	for _, k := range keys {
		errs = append(errs, d.keycode(d.pressed[k].code, true))
	}
	return errors.Join(errs...)
}

func (d *desktop) tap(sym int32) error {
	return errors.Join(d.keysym(sym, true), d.keysym(sym, false))
}

func (d *desktop) keycode(code int32, pressed bool) error {
	return d.call(remoteDesktop+".NotifyKeyboardKeycode", options{}, code, state(pressed))
}

func (d *desktop) keysym(sym int32, pressed bool) error {
	return d.call(remoteDesktop+".NotifyKeyboardKeysym", options{}, sym, state(pressed))
}
