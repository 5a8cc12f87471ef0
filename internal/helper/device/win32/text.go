package win32

import (
	"strings"
	"unicode/utf16"
)

// mostTyped is the number of inputs that go to Windows at once: few enough that
// a window that comes up in between gets little of what was not meant for it.
const mostTyped = 200

// typed returns the inputs that type a text, in parts to send one after the
// other. A part never ends within a character. Control characters other than
// line ends and tabs are left out: no key makes them.
func typed(text string, mark uint64) [][]input {
	var parts [][]input
	var part []input
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		if len(part) >= mostTyped {
			parts, part = append(parts, part), nil
		}
		switch {
		case r == '\n' || r == '\r':
			part = append(part, strokeEnter.down(mark), strokeEnter.up(mark))
		case r == '\t':
			part = append(part, strokeTab.down(mark), strokeTab.up(mark))
		case r < ' ' || r >= 0x7f && r < 0xa0:
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				part = append(part, keyInput(0, unit, keyUnicode, mark), keyInput(0, unit, keyUnicode|keyUp, mark))
			}
		}
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}
