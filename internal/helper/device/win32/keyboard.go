package win32

import (
	"fmt"
	"maps"
	"slices"
	"unicode"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// A keyboard remembers which keys are held down and by which stroke, so that
// releasing one releases what was pressed even if the layout is another by
// then.
type keyboard struct {
	mark uint64
	held map[control.Key]stroke
	mods []control.Key // the modifiers among held, in the order of pressing
	// owed are those that were let go of, but whose release may not have
	// arrived.
	owed map[control.Key]stroke
}

func newKeyboard(mark uint64) *keyboard {
	return &keyboard{mark: mark, held: map[control.Key]stroke{}, owed: map[control.Key]stroke{}}
}

// A layout is the keyboard's layout in a window.
type layout interface {
	// key finds the key that makes a character without a shift state.
	key(rune) (stroke, bool)
	// virtual returns the virtual key of a scan code, or 0.
	virtual(scan uint16) uint16
}

// press notes that a key goes down and returns the input for it. A key that is
// down already repeats.
func (k *keyboard) press(p device.Press, l layout) (input, error) {
	if s, ok := k.held[p.Key]; ok {
		return s.down(k.mark), nil
	}
	s, ok := k.find(p, l)
	if !ok {
		return input{}, fmt.Errorf("key %#02x: %w", uint8(p.Key), device.ErrUnsupported)
	}
	if k.reserved(p.Key) {
		return input{}, device.ErrReserved
	}
	if s.vk == 0 {
		s.vk = l.virtual(s.scan)
	}
	k.held[p.Key] = s
	if p.Key.Modifier() {
		k.mods = append(k.mods, p.Key)
	}
	return s.down(k.mark), nil
}

// release returns the input that releases a key; ok is false if it isn't down.
// Windows may drop the input: until forget, it is owed.
func (k *keyboard) release(key control.Key) (up input, ok bool) {
	if s, ok := k.held[key]; ok {
		k.forget(key)
		k.owed[key] = s
	}
	s, ok := k.owed[key]
	return s.up(k.mark), ok
}

// overdue returns the inputs that are owed.
func (k *keyboard) overdue() (up []input) {
	for _, key := range slices.Sorted(maps.Keys(k.owed)) {
		up = append(up, k.owed[key].up(k.mark))
	}
	return up
}

// forget takes a key for released.
func (k *keyboard) forget(key control.Key) {
	delete(k.held, key)
	delete(k.owed, key)
	k.mods = slices.DeleteFunc(k.mods, func(m control.Key) bool { return m == key })
}

func (k *keyboard) find(p device.Press, l layout) (stroke, bool) {
	if p.Key == keyPause && k.down(control.KeyControlLeft, control.KeyControlRight) {
		return strokeBreak, true
	}
	if p.Char != 0 && writes(p.Key) {
		// With Shift or Caps Lock the agent's key makes "Z", and the key of "z"
		// is the one that is meant.
		for _, c := range []rune{p.Char, unicode.ToLower(p.Char)} {
			if s, ok := l.key(c); ok {
				return s, true
			}
		}
	}
	return strokeAt(p.Key)
}

// reserved says whether the key completes Ctrl+Alt+Del, which Windows takes
// from keyboards only, or Ctrl+Alt+End, which is the person's to stop with. The
// keypad's keys count, because they are the same without Num Lock; so does the
// right Alt alone, because it is Ctrl+Alt in layouts that have AltGr.
func (k *keyboard) reserved(key control.Key) bool {
	switch key {
	case control.KeyDelete, control.KeyEnd, keyNumpadDecimal, keyNumpad1:
		return k.down(control.KeyAltRight) ||
			k.down(control.KeyAltLeft) && k.down(control.KeyControlLeft, control.KeyControlRight)
	}
	return false
}

func (k *keyboard) down(any ...control.Key) bool {
	return slices.ContainsFunc(any, func(key control.Key) bool {
		_, ok := k.held[key]
		return ok
	})
}

// lift returns the inputs that release the modifiers that are held, and again
// those that press them as they were.
func (k *keyboard) lift() (lift, again []input) {
	if len(k.mods) == 0 {
		return nil, nil
	}
	var masked bool
	for _, m := range slices.Backward(k.mods) {
		lift = append(lift, k.held[m].up(k.mark))
	}
	for _, m := range k.mods {
		again = append(again, k.held[m].down(k.mark))
		switch m {
		case control.KeyAltLeft, control.KeyAltRight, control.KeyMetaLeft, control.KeyMetaRight:
			masked = true
		}
	}
	if masked {
		// Alt and the Windows key, released with no other key between, open a
		// menu: one that nothing listens to goes between.
		mask := []input{strokeNothing.down(k.mark), strokeNothing.up(k.mark)}
		lift = append(slices.Clone(mask), lift...)
		again = append(again, mask...)
	}
	return lift, again
}
