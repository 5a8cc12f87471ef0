package macos

import (
	"time"
)

// layouts knows the keyboard layout that the person has chosen.
type layouts struct {
	last  layout
	asked time.Time
}

// fresh is how long the layout is taken for the same.
const fresh = 2 * time.Second

// current returns the layout. Asking for it takes the main thread; without that
// it is the one from before, or none, and keys go by their place.
func (l *layouts) current() layout {
	if !l.asked.IsZero() && time.Since(l.asked) < fresh {
		return l.last
	}
	l.asked = time.Now()
	var now layout
	if onMain(func() { now = currentLayout() }) == nil && now != nil {
		l.last = now
	}
	return l.last
}

// currentLayout reads the layout; it is nil where there is none to read, as
// with old layouts that aren't in Unicode. For an input method, such as a
// Japanese one, it is the layout below it.
func currentLayout() layout {
	source := tisCopyCurrentKeyboardLayout()
	if source == 0 {
		return nil
	}
	defer cfRelease(source)
	data := tisGetProperty(source, *unicodeLayoutProperty)
	if data == 0 {
		return nil
	}
	table := cfDataGetBytePtr(data)
	keyboard := uint32(lmGetKeyboardType())
	return newLayout(func(code uint16, modifiers uint32) []uint16 {
		const down = 0
		var dead uint32
		var n uint
		var made [4]uint16
		if ucKeyTranslate(table, code, down, modifiers, keyboard, 0, &dead, uint(len(made)), &n, &made[0]) != 0 {
			return nil
		}
		return made[:min(n, uint(len(made)))]
	})
}
