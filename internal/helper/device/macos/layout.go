package macos

import "unicode/utf16"

// stroke is a key with the modifiers that make it a certain character.
type stroke struct {
	code  uint16
	flags uint64 // flagShift, flagOption, both or none
}

// layout says which strokes of a keyboard layout make a character by
// themselves, the simplest first. Dead keys make none.
type layout map[rune][]stroke

// level is a combination of modifiers that makes characters.
type level struct {
	flags     uint64
	modifiers uint32 // as UCKeyTranslate has them
}

// levels are in the order of preference.
var levels = []level{
	{0, 0},
	{flagShift, 0x02},
	{flagOption, 0x08},
	{flagShift | flagOption, 0x0a},
}

// newLayout asks a layout for what all keys make.
func newLayout(translate func(code uint16, modifiers uint32) []uint16) layout {
	l := make(layout)
	for _, level := range levels {
		for code := range uint16(128) {
			made := utf16.Decode(translate(code, level.modifiers))
			if len(made) != 1 || made[0] < ' ' || made[0] == 0x7f {
				continue
			}
			// From here on there are the arrows and function keys, which make
			// private characters.
			if made[0] >= 0xf700 && made[0] <= 0xf8ff {
				continue
			}
			l[made[0]] = append(l[made[0]], stroke{code, level.flags})
		}
	}
	return l
}

// find returns how to make a character: by the key in the given place if that
// makes it, so that a numpad's digit stays one.
func (l layout) find(r rune, place uint16) (stroke, bool) {
	strokes := l[r]
	for _, s := range strokes {
		if s.code == place {
			return s, true
		}
	}
	if len(strokes) == 0 {
		return stroke{}, false
	}
	return strokes[0], true
}
