package win32

import (
	"strings"
	"unicode/utf16"
)

// clipUnits returns text as CF_UNICODETEXT has it: UTF-16 that ends with a
// zero, and so can't hold one, with line ends as programs for Windows expect.
func clipUnits(text string) []uint16 {
	text = strings.ReplaceAll(text, "\x00", "")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	return append(utf16.Encode([]rune(text)), 0)
}

// clipText returns the text in what CF_UNICODETEXT holds, with line feeds only.
// It is empty if it is longer than most bytes.
func clipText(units []uint16, most int) string {
	for i, unit := range units {
		if unit == 0 {
			units = units[:i]
			break
		}
	}
	// A unit is at least a byte, but a line end may lose one of its two.
	if len(units)/2 > most {
		return ""
	}
	text := strings.ReplaceAll(string(utf16.Decode(units)), "\r\n", "\n")
	if len(text) > most {
		return ""
	}
	return text
}
