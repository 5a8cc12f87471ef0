package macos

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf16"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// keyboard composes the events of keys. Each event says itself which modifiers
// it means, so that a character that another layout has with other modifiers is
// made without pressing or releasing those.
type keyboard struct {
	held    []control.Key // modifiers that are down, in the order of pressing
	pressed map[control.Key]pressing
}

// pressing is what pressing a key has pressed.
type pressing struct {
	code uint16
	text []uint16
	// Of the modifiers that are down, the event leaves these out,
	without uint64
	// and has these as well.
	with uint64
}

// press composes the pressing or releasing of a key that isn't one of a Mac's
// own: Caps Lock, which programs can't switch, is ErrReserved. Pressing a key
// again that is down repeats it, as macOS doesn't do that by itself for
// programs.
func (k *keyboard) press(p device.Press, l layout) ([]event, error) {
	if k.pressed == nil {
		k.pressed = make(map[control.Key]pressing)
	}
	was, again := k.pressed[p.Key]
	if !p.Down {
		if !again {
			return nil, nil
		}
		delete(k.pressed, p.Key)
		if p.Key.Modifier() {
			k.held = slices.DeleteFunc(k.held, func(m control.Key) bool { return m == p.Key })
			return []event{{kind: flagsChanged, code: was.code, flags: k.flags()}}, nil
		}
		return []event{k.event(keyUp, was)}, nil
	}
	if again {
		if p.Key.Modifier() {
			return nil, nil
		}
		e := k.event(keyDown, was)
		e.repeat = true
		return []event{e}, nil
	}
	now, err := k.resolve(p, l)
	if err != nil {
		return nil, err
	}
	k.pressed[p.Key] = now
	if p.Key.Modifier() {
		k.held = append(k.held, p.Key)
		return []event{{kind: flagsChanged, code: now.code, flags: k.flags()}}, nil
	}
	return []event{k.event(keyDown, now)}, nil
}

// event composes an event of a key that isn't a modifier.
func (k *keyboard) event(kind kind, p pressing) event {
	return event{kind: kind, code: p.code, text: p.text, flags: k.flags()&^p.without | p.with | keyFlags(p.code)}
}

// flags returns those of the modifiers that are down. Left and right share a
// flag, so that it stays when only one of them goes up.
func (k *keyboard) flags() uint64 {
	var flags uint64
	for _, m := range k.held {
		flags |= modifierFlags[m]
	}
	return flags
}

// resolve says which key to press: the one of the layout that makes p.Char,
// with the modifiers that it takes there instead of those that it took on the
// agent's keyboard, which are Shift and AltGr (the right Alt key, unless with an
// ASCII letter or digit, where it is meant as Alt). With Ctrl, Alt or Meta only
// the key counts, with Shift as it is. A character that the layout lacks is
// given along with the key in its place, but for such shortcuts.
func (k *keyboard) resolve(p device.Press, l layout) (pressing, error) {
	place, placed := keycode(p.Key)
	r := p.Char
	switch {
	case placed && place == vkCapsLock:
		return pressing{}, fmt.Errorf("the Caps Lock key: %w", device.ErrReserved)
	case p.Key.Modifier() || r == 0 || unicode.IsControl(r):
		if !placed {
			return pressing{}, fmt.Errorf("key %#x: %w", uint8(p.Key), device.ErrUnsupported)
		}
		return pressing{code: place}, nil
	case !placed:
		place = 0xffff // no key's
	}
	shortcut := slices.ContainsFunc(k.held, func(m control.Key) bool {
		return m != control.KeyShiftLeft && m != control.KeyShiftRight && m != control.KeyAltRight
	})
	without := modifierFlags[control.KeyShiftLeft] | modifierFlags[control.KeyShiftRight]
	if shortcut && unicode.IsLetter(r) {
		r, without = unicode.ToLower(r), 0
	}
	if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		without |= modifierFlags[control.KeyAltRight]
		if slices.Contains(k.held, control.KeyAltLeft) {
			// Both share a flag; this one stays.
			without &^= maskOption
		}
	}
	if s, ok := l.find(r, place); ok {
		return pressing{code: s.code, without: without, with: s.flags}, nil
	}
	if !placed {
		place = 0
	}
	if shortcut {
		return pressing{code: place}, nil
	}
	return pressing{code: place, text: utf16.Encode([]rune{r}), without: without}, nil
}

// text composes the typing of a text, with the modifiers up that are down.
func (k *keyboard) text(s string) []event {
	held := k.held
	var events []event
	for i := len(held) - 1; i >= 0; i-- {
		k.held = held[:i]
		events = append(events, event{kind: flagsChanged, code: keycodes[held[i]], flags: k.flags()})
	}
	for _, p := range split(s) {
		events = append(events, event{kind: keyDown, code: p.code, text: p.text}, event{kind: keyUp, code: p.code, text: p.text})
	}
	for i := range held {
		k.held = held[:i+1]
		events = append(events, event{kind: flagsChanged, code: keycodes[held[i]], flags: k.flags()})
	}
	return events
}
